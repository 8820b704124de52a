"""Levers that move who decides: the state takes over, or regions are merged."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from sim.agents.handles import AREAS, Merger, NationalFunction
from sim.calendar import MONTHS_PER_YEAR, month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register
from sim.scenario.regions import KNOWN_CODES, region_code

if TYPE_CHECKING:
    from sim.agents.handles import Handles

FUNCTIONS: tuple[str, ...] = ("financing", "provision", "planning", "delivery")
#: What each function takes with it: matters that somebody decides on. Delivery moves the employer.
MATTERS: dict[str, tuple[str, ...]] = {
    "financing": ("financing",),
    "provision": ("introduction", "assortment", "fees", "case"),
    "planning": ("staffing",),
    "delivery": (),
}
#: Functions after which state and municipality meet at a new border.
_MAKES_A_BORDER = ("provision", "delivery")
#: The area in which municipalities have a part of their own.
_BORDER_IN = "assistive_devices"
_LEAST_MERGED = 2


def in_transition(since: date, when: date, years: float) -> bool:
    """Whether ``when`` lies within so many years from the month of ``since``."""
    return month_index(when) - month_index(since) < round(years * MONTHS_PER_YEAR)


def transition_ends(since: date, month: int, years: float) -> bool:
    """Whether the transition has just ended in ``month``, so that agents must be told."""
    return years > 0.0 and month - month_index(since) == round(years * MONTHS_PER_YEAR)


def lose_capacity(handles: Handles, share: float) -> None:
    """Tell an agent what a transition costs it; of several at once the largest counts."""
    if share > 0.0:
        handles.prices["transition_loss"] = max(handles.prices.get("transition_loss", 0.0), share)


def _transition_years_field(default: float, source: str) -> Any:
    return lever_field(
        default,
        unit="years from the start during which capacity is lost",
        source=source,
        sv="Övergångens längd",
        en="Length of the transition",
        ge=0.0,
        le=15.0,
    )


def _capacity_lost_field(source: str) -> Any:
    return lever_field(
        0.1,
        unit="share of capacity lost in the transition when everything moves and nobody is prepared",
        source=source,
        sv="Förlorad kapacitet under övergången",
        en="Capacity lost in the transition",
        ge=0.0,
        le=0.5,
    )


def _names_among(known: tuple[str, ...], value: object) -> tuple[str, ...]:
    """A list of different names, each of them known."""
    names = tuple(value) if isinstance(value, list | tuple) else ()
    wrong = [name for name in names if name not in known]
    if not names or wrong or len(set(names)) < len(names):
        message = "there is no such name" if wrong else "name at least one, and none twice"
        bad = {"bad": str(wrong[0])} if wrong else {}
        raise PydanticCustomError("names", message, {"allowed": f"a list of {', '.join(known)}"} | bad)
    return names


def _partition(value: object) -> object:
    """Region codes by larger region, or the one word for today's healthcare regions."""
    if value == "healthcare_regions":
        return value
    allowed = 'healthcare_regions, or a list of lists such as [["07", "08", "10"], ["21", "22"]]'
    groups = value if isinstance(value, list | tuple) else ()
    if not groups or not all(
        isinstance(group, list | tuple) and len(group) >= _LEAST_MERGED for group in groups
    ):
        raise PydanticCustomError(
            "partition", "every larger region is a list of at least two regions", {"allowed": allowed}
        )
    codes = [[region_code(item) for item in group] for group in groups]
    for group, found in zip(groups, codes, strict=True):
        for item, code in zip(group, found, strict=True):
            if code is None:
                raise PydanticCustomError(
                    "region_code", "there is no such region", {"allowed": KNOWN_CODES, "bad": str(item)}
                )
    every = [code for group in codes for code in group]
    if len(set(every)) < len(every):
        raise PydanticCustomError(
            "partition", "a region can be in one larger region only", {"allowed": allowed}
        )
    return tuple(tuple(group) for group in codes)


def _names_schema(known: tuple[str, ...]) -> WithJsonSchema:
    return WithJsonSchema({"type": "array", "minItems": 1, "items": {"enum": list(known)}})


FunctionNames = Annotated[
    tuple[str, ...], BeforeValidator(partial(_names_among, FUNCTIONS)), _names_schema(FUNCTIONS)
]
AreaNames = Annotated[tuple[str, ...], BeforeValidator(partial(_names_among, AREAS)), _names_schema(AREAS)]
Partition = Annotated[
    str | tuple[tuple[str, ...], ...],
    BeforeValidator(_partition),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "healthcare_regions"},
                {"type": "array", "items": {"type": "array", "items": {"type": ["string", "integer"]}}},
            ]
        }
    ),
]


class StateTakeoverParams(LeverParams):
    """What moves, where, how well prepared and how fast."""

    functions: FunctionNames = lever_field(
        FUNCTIONS,
        unit="functions that move: financing, provision, planning, delivery",
        source="LHC 2025, 2.1: full or partial state responsibility",
        sv="Uppgifter som flyttas",
        en="Functions that move",
    )
    areas: AreaNames = lever_field(
        AREAS,
        unit="care areas that it concerns",
        source="LHC 2025, 4: whole or by area",
        sv="Vårdområden",
        en="Care areas",
    )
    include_municipal_care: bool = lever_field(
        False,
        unit="yes or no",
        source="Norway 2002: specialist care only; municipal care stayed outside",
        sv="Även kommunal vård",
        en="Municipal care too",
    )
    anchoring: float = lever_field(
        0.3,
        unit="0 = decided over people's heads, 1 = agreed with everybody concerned",
        source="assumption: LHC 2025, 4: Norway 2002 was criticised for too little of it; no measure",
        sv="Förankring",
        en="Anchoring",
        ge=0.0,
        le=1.0,
    )
    transition_years: float = _transition_years_field(
        4.0, "assumption: no figure in LHC 2025; a reform that moves everything takes longer than a merger"
    )
    branches: float = lever_field(
        0.2,
        unit="share of local differences in rules that the state's regional branches keep",
        source="assumption: the state has regional branches and the same people",
        sv="Lokalt utrymme i statens regionala organisation",
        en="Local room in the state's regional branches",
        ge=0.0,
        le=1.0,
    )
    capacity_lost: float = _capacity_lost_field(
        "assumption: LHC 2025, 4: large changes that are not prepared meet resistance (Norway 2002); no figure"
    )
    decision_months: float = lever_field(
        12.0,
        unit="months, median, from when a drug can be taken up",
        source="Norway 2021: approval to decision median 376 days (Direktoratet for medisinske produkter)",
        sv="Tid till nationellt beslut om läkemedel",
        en="Time to a national decision on a drug",
        gt=0.0,
        le=60.0,
    )
    drugs_per_year: float = lever_field(
        20.0,
        unit="drugs that the national decision maker can decide a year",
        source="assumption: near the number of new orphan indications a year",
        sv="Läkemedel per år",
        en="Drugs a year",
        ge=0.0,
        le=500.0,
    )


@register
class StateTakeover(Lever):
    """The state takes over named functions in named care areas."""

    id = "state_takeover"
    title: ClassVar[dict[str, str]] = {
        "sv": "Helt eller delvis statligt huvudmannaskap",
        "en": "State takeover, whole or in part",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Staten tar över de uppgifter som anges, i de områden som anges. Finansiering: regionernas pengar blir "
        "en pott och staten betalar. Beslut om utbud: ett nationellt organ avgör läkemedel i tur och ordning, och "
        "nationella regler för sortiment, avgifter och enskilda ärenden skrivs efter några år och ses sällan över. "
        "Planering: bemanningsmål. Drift: arbetsgivaren. Statens regionala organisation behåller en del lokala "
        "skillnader; de som arbetar är desamma och arbetar som förut. Kommunernas vård ligger utanför om inget annat "
        "sägs, och vid den nya gränsen blir fler ärenden oklara.",
        "en": "The state takes over the functions named, in the areas named. Financing: regions' money becomes one pot "
        "and the state pays. Provision: one national body decides on drugs in order, and national rules for "
        "assortment, fees and single cases are written after some years and seldom opened. Planning: staffing "
        "targets. Delivery: the employer. The state's regional branches keep some local differences; those who work "
        "are the same and work as before. Municipal care stays outside unless told otherwise, and more cases become "
        "unclear at the new border.",
    }
    source = "LHC 2025, 2.1 and 4; Norway 2002"
    instrument = Instrument.TRANSFER
    level = Level.ALL
    areas: ClassVar[tuple[str, ...]] = AREAS
    status = Status.TO_INVESTIGATE
    status_date = "2025-06"
    changes = (
        "deciders and moved of regions (and municipalities): who decides on money, introduction, assortment, fees, "
        "cases, staffing; employer; a decision maker for drugs at the state; prices['transition_loss']; "
        "information['new_border']"
    )
    watch = (
        "Capacity is lost in the transition; practice at providers and professionals stays; responsibility becomes "
        "unclear at the new border to municipal care; national rules come late and are seldom mended."
    )
    who_decides = (
        "Parliament, after an inquiry that drafts the laws; the parliamentary committee on responsibility for "
        "care has reported (SOU 2025:62)"
    )
    legal_change = (
        "the Health and Medical Services Act (2017:30), the Local Government Act (2017:725) and the tax system, since "
        "what regions pay moves with the task; the Instrument of Government protects local self-government (14:3). "
        "Earliest 2030 (assumption: inquiry, referral and bill take five years). The state pays for what moves: "
        "the tax moves with financing, and without it regions go on paying for what the state decides, which the "
        "financing principle speaks against unless they are compensated."
    )
    targets = ("state", "region", "municipality", "provider")
    Params = StateTakeoverParams

    def speaks_anew(self, month: int) -> bool:
        """When the transition is over."""
        return transition_ends(self.since, month, self.params.transition_years)

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell an agent what has left its hands, or the state what it must decide."""
        if area not in self.params.areas:
            return
        if kind == "state":
            if "provision" in self.params.functions and area == "orphan_drugs":
                handles.functions["state_decider"] = NationalFunction(
                    self.params.decision_months, self.params.drugs_per_year, True
                )
            return
        if handles.owner == "municipality" and not self.params.include_municipal_care:
            return
        self._tell_transition(handles, dose, when)
        if kind == "provider":
            if "delivery" in self.params.functions and handles.owner != "private":
                handles.employer = "state"
            return
        self._tell_what_moves(handles, dose)
        if area == _BORDER_IN and any(function in self.params.functions for function in _MAKES_A_BORDER):
            self._tell_border(handles, dose)

    def _tell_what_moves(self, handles: Handles, dose: float) -> None:
        """Money and employer move whole; where rules move, branches keep some of the differences."""
        for function in self.params.functions:
            share = dose if function == "financing" else dose * (1.0 - self.params.branches)
            for matter in MATTERS[function] if share > 0.0 else ():
                handles.deciders[matter] = "national"
                handles.moved[matter] = max(handles.moved.get(matter, 0.0), share)
        if "delivery" in self.params.functions:
            handles.employer = "state"
            handles.moved["delivery"] = max(handles.moved.get("delivery", 0.0), dose)

    def _tell_border(self, handles: Handles, dose: float) -> None:
        """One principal for both sides leaves nothing unclear; two make a new border."""
        if not self.params.include_municipal_care:
            handles.information["new_border"] = max(handles.information.get("new_border", 0.0), dose)
        else:
            known = handles.permissions.get("responsibility_assigned", 0.0)
            handles.permissions["responsibility_assigned"] = max(known, dose)

    def _tell_transition(self, handles: Handles, dose: float, when: date) -> None:
        """Those who change employer, payer or rules lose capacity for some years, less when well prepared."""
        if not in_transition(self.since, when, self.params.transition_years):
            return
        felt = [f for f in self.params.functions if handles.owner != "private" or f != "delivery"]
        part = len(felt) / len(FUNCTIONS)
        lose_capacity(handles, dose * part * self.params.capacity_lost * (1.0 - self.params.anchoring))


class RegionMergerParams(LeverParams):
    """Who merges with whom."""

    partition: Partition = lever_field(
        "healthcare_regions",
        unit="region codes by larger region, or healthcare_regions for the six of today; who is not named stays alone",
        source="LHC 2025, 4; Denmark 2007",
        sv="Indelning",
        en="Partition",
    )
    transition_years: float = _transition_years_field(3.0, "assumption: no figure in LHC 2025")
    capacity_lost: float = _capacity_lost_field(
        "assumption: as in a takeover; LHC 2025, 4, names Denmark 2007 and gives no figure"
    )


@register
class RegionMerger(Lever):
    """Regions are merged into larger ones."""

    id = "region_merger"
    title: ClassVar[dict[str, str]] = {"sv": "Färre regioner", "en": "Fewer regions"}
    description: ClassVar[dict[str, str]] = {
        "sv": "Regioner slås samman. Den största medlemmen blir säte: den har en budget, ett regelverk (medlemmarnas "
        "regler vägda efter invånare) och ett beslut om varje läkemedel för alla. Vad de flesta invånare redan har får "
        "även de andra. Arbetsmarknaden följer geografin och verksamheterna arbetar som förut. I resultaten räknas "
        "invånarna till sin gamla region. Halland följer sin större del när sjukvårdsregionerna används.",
        "en": "Regions are merged. The largest member is the seat: it has one budget, one set of rules (members' rules "
        "weighted by inhabitants) and one decision on each drug for all. What most inhabitants have already, the "
        "others are given too. Labour markets follow geography and providers work as before. In results people are "
        "counted in their old region. Halland follows its larger part when healthcare regions are used.",
    }
    source = "LHC 2025, 4; Denmark 2007"
    instrument = Instrument.TRANSFER
    level = Level.REGION
    areas: ClassVar[tuple[str, ...]] = AREAS
    status = Status.COUNTERFACTUAL
    status_date = "2025"
    changes = "merger of regions: which larger region each belongs to; prices['transition_loss']"
    watch = "Capacity is lost in the transition; those who had more meet the others halfway."
    who_decides = (
        "Government, against a region's will only for special reasons; parliament where counties must change "
        "too"
    )
    legal_change = (
        "the Act (1979:411) on changes in the division of Sweden into municipalities and regions is enough "
        "for one merger at a time; redrawing the whole country at once takes an act of its own. Elections to "
        "larger assemblies, so hardly before 2031 (assumption: a decision in 2028 and the next election after "
        "it). The regions pay their own reorganisation unless parliament decides otherwise."
    )
    targets = ("region", "provider")
    Params = RegionMergerParams

    def speaks_anew(self, month: int) -> bool:
        """When the transition is over."""
        return transition_ends(self.since, month, self.params.transition_years)

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region how the country is divided; it finds itself in it. Units lose capacity for some years."""
        if handles.owner == "municipality":
            return
        if kind == "region":
            handles.merger = Merger(self.params.partition, dose)
        if handles.owner != "private" and in_transition(self.since, when, self.params.transition_years):
            lose_capacity(handles, dose * self.params.capacity_lost)
