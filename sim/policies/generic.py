"""Generic instruments that state or pay: one grant, one law and one norm that work in every care area.

Each speaks through the small set of handles that all three areas offer, so that the same instrument can be tried
everywhere. What a law or a norm is about has a usual content in each area, listed in ``CONTENTS``.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from sim.agents.handles import AREAS, Grant, Standard
from sim.calendar import MONTHS_PER_YEAR, month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

if TYPE_CHECKING:
    from sim.agents.handles import Handles

SOURCE = "Generic instrument, for trying one reform in all areas (Leading Health Care 2025, 2.1: the levels compared)"
STATUS_DATE = "2025"
#: What the state's money is for in each area, as its receivers know it.
PURPOSES: dict[str, str] = {
    "orphan_drugs": "orphan_care",
    "mental_health": "staff",
    "assistive_devices": "aids",
}
#: Contents of a law or norm that each area has; the first is the usual one.
CONTENTS: dict[str, tuple[str, ...]] = {
    "orphan_drugs": ("offer",),
    "mental_health": ("staffing", "practice"),
    "assistive_devices": ("offer", "practice"),
}
#: Content → name among the handles, parameter with the level (None = all that is recommended), kinds told.
_NAMES: dict[tuple[str, str], tuple[str, str | None, tuple[str, ...]]] = {
    ("orphan_drugs", "offer"): ("introduction", None, ("region",)),
    ("mental_health", "staffing"): ("staffing", "fte_per_10000", ("region", "provider")),
    ("mental_health", "practice"): ("treatment", "offered_share", ("provider",)),
    ("assistive_devices", "offer"): ("assortment", "breadth", ("region", "municipality")),
    ("assistive_devices", "practice"): ("follow_up", "follow_up_share", ("provider",)),
}

AreaName = Literal["orphan_drugs", "mental_health", "assistive_devices"]


def _as_areas(value: object) -> object:
    """One area, several with commas between them, or a list of them."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(","))
    return tuple(value) if isinstance(value, list) else value


Areas = Annotated[
    tuple[AreaName, ...],
    Field(min_length=1),
    BeforeValidator(_as_areas),
    WithJsonSchema({
        "anyOf": [
            {"type": "string", "enum": list(AREAS)},
            {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(AREAS)}},
        ]
    }),
]  # fmt: skip


class GenericParams(LeverParams):
    """What all generic instruments have."""

    area: Areas = lever_field(
        AREAS,
        unit="care areas: one, or a list",
        source="all three unless the scenario names some",
        sv="Vårdområde",
        en="Care area",
    )


class GenericLever(Lever):
    """A lever that speaks in the care areas of its parameter ``area``."""

    source = SOURCE
    areas = AREAS
    status = Status.COUNTERFACTUAL
    status_date = STATUS_DATE

    @property
    def told_areas(self) -> tuple[str, ...]:
        """The areas that the scenario names."""
        return tuple(area for area in AREAS if area in self.params.area)


class EarmarkedGrantParams(GenericParams):
    """Parameters of ``earmarked_grant``."""

    annual_budget_msek: float = lever_field(
        500.0,
        unit="million SEK a year in all, divided equally between the areas named",
        source="assumption: the common cost at which instruments are compared",
        sv="Bidrag per år",
        en="Grant a year",
        ge=0.0,
        le=20_000.0,
    )
    allocation: Literal["population", "need", "equal"] = lever_field(
        "population",
        unit="rule of division between regions",
        source="assumption: as most of the state's grants",
        sv="Fördelning mellan regionerna",
        en="Division between regions",
    )
    conditions: Literal["purpose", "own_money_kept"] = lever_field(
        "purpose",
        unit="what the receiver must show: that the money went to its purpose, or also that own money stayed",
        source="assumption: as most agreements, which ask for the purpose only",
        sv="Villkor",
        en="Conditions",
    )
    enforcement: float = lever_field(
        0.5,
        unit="share, 0 to 1, of how hard the condition on own money is followed up",
        source="assumption: reports are asked for, money is seldom claimed back",
        sv="Hur hårt villkoren följs upp",
        en="How hard conditions are followed up",
        ge=0.0,
        le=1.0,
    )


@register
class EarmarkedGrant(GenericLever):
    """State money for one purpose in the areas named."""

    id = "earmarked_grant"
    title: ClassVar[dict[str, str]] = {"sv": "Öronmärkt statsbidrag", "en": "Earmarked grant"}
    description: ClassVar[dict[str, str]] = {
        "sv": "Staten delar varje år ut pengar för ett ändamål: särläkemedel, personal för psykisk ohälsa i "
        "primärvården, eller hjälpmedel. De fördelas efter folkmängd, behov eller lika. Mottagaren bestämmer själv, "
        "och kan låta bidraget ersätta egna pengar om villkoren tillåter. När bidraget upphör är de egna pengarna "
        "redan borta, och verksamheten klingar av.",
        "en": "Each year the state shares out money for one purpose: orphan drugs, staff for mental ill-health in "
        "primary care, or assistive devices. It is divided by inhabitants, by need or in equal parts. Receivers "
        "decide for themselves, and may let it replace own money if the conditions allow. When the grant ends own "
        "money is already gone, and activity decays.",
    }
    instrument = Instrument.EARMARKED_GRANT
    level = Level.REGION
    changes = "money of the state, shared out to regions (devices: also municipalities); standards['own_money_kept']"
    watch = "Own money is withdrawn; activity decays when the grant ends."
    who_decides = "Parliament in the budget, government in an ordinance or an agreement"
    legal_change = (
        "a sum in the state budget and an ordinance; the state pays; earliest 2027 (assumption: the budget "
        "that can be decided next)"
    )
    targets = ("state", "region", "municipality")
    Params = EarmarkedGrantParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Give the state the area's part of the money to share out, and tell receivers the condition."""
        p = self.params
        if kind == "state":
            part = p.annual_budget_msek * dose / len(self.told_areas)
            handles.money.append(Grant(PURPOSES[area], part, p.allocation, label=self.id))
        elif p.conditions == "own_money_kept" and (kind == "region" or area == "assistive_devices"):
            handles.standards["own_money_kept"] = Standard(1.0, True, p.enforcement, month_index(self.since))


class StatedParams(GenericParams):
    """What a law and a norm can be about."""

    content: Literal["usual", "offer", "staffing", "practice"] = lever_field(
        "usual",
        unit="what is stated; usual = the offer of recommended drugs, staffing for mental ill-health, assortment of "
        "devices",
        source="assumption: what each area's own proposals are about",
        sv="Vad som anges",
        en="What is stated",
    )
    fte_per_10000: float = lever_field(
        5.0,
        unit="psychosocial full-time equivalents per 10 000 (mental_health, staffing)",
        source="assumption: somewhat above usual staffing",
        sv="Bemanning",
        en="Staffing",
        ge=0.0,
        le=20.0,
    )
    offered_share: float = lever_field(
        0.8,
        unit="share of those assessed who are offered recommended treatment (mental_health, practice)",
        source="assumption: above usual practice",
        sv="Andel som erbjuds behandling",
        en="Share offered treatment",
        gt=0.0,
        le=1.0,
    )
    breadth: float = lever_field(
        0.8,
        unit="share of suitable products inside the assortment (assistive_devices, offer)",
        source="assumption: near today's widest categories",
        sv="Sortimentets bredd",
        en="Breadth of the assortment",
        ge=0.0,
        le=1.0,
    )
    follow_up_share: float = lever_field(
        0.22,
        unit="share of a unit's hours kept for follow-up (assistive_devices, practice)",
        source="assumption: half more than the 0.15 assumed today",
        sv="Tid avsatt för uppföljning",
        en="Hours kept for follow-up",
        ge=0.0,
        le=0.6,
    )


class _Stated(GenericLever):
    """A stated level, binding or not: the same contents for a law and a norm."""

    suffix: ClassVar[str]

    @classmethod
    def contradiction(cls, params: Any) -> tuple[str, str, str] | None:
        """A content must be known in every area named."""
        if params.content == "usual":
            return None
        without = [area for area in params.area if params.content not in CONTENTS[area]]
        if not without:
            return None
        having = [area for area in AREAS if params.content in CONTENTS[area]]
        message = f"there is no standard of this content in {' and '.join(without)}"
        return "content", message, f"usual, or area: [{', '.join(having)}]"

    def _state(
        self, handles: Handles, kind: str, area: str, binding: bool, enforcement: float, since: int
    ) -> None:
        content = CONTENTS[area][0] if self.params.content == "usual" else self.params.content
        name, parameter, kinds = _NAMES[area, content]
        if kind in kinds:
            value = 1.0 if parameter is None else float(getattr(self.params, parameter))
            handles.standards[f"{name}_{self.suffix}"] = Standard(value, binding, enforcement, since)


class BindingStandardParams(StatedParams):
    """Parameters of ``binding_standard``."""

    grace_years: float = lever_field(
        2.0,
        unit="years from the start until the law counts; before that it is followed as advice",
        source="assumption: as in earlier laws on competence requirements",
        sv="Övergångstid",
        en="Period of grace",
        ge=0.0,
        le=15.0,
    )
    enforcement: float = lever_field(
        0.6,
        unit="share, 0 to 1, of how hard the law is supervised",
        source="assumption: supervision reaches some of those it concerns",
        sv="Hur hårt lagen följs upp",
        en="How hard the law is supervised",
        ge=0.0,
        le=1.0,
    )


@register
class BindingStandard(_Stated):
    """A law that says what must be offered, staffed or done."""

    id = "binding_standard"
    title: ClassVar[dict[str, str]] = {"sv": "Bindande standard", "en": "Binding standard"}
    description: ClassVar[dict[str, str]] = {
        "sv": "Lagen anger en nivå som ska nås: att rekommenderade särläkemedel införs, en bemanning för psykisk "
        "ohälsa, eller ett sortiment av hjälpmedel. Den följs så långt den övervakas och passar, och ger varken "
        "pengar eller personal: den som inte kan rekrytera når den inte, och det den tvingar fram tränger undan annat.",
        "en": "The law states a level to be reached: that recommended orphan drugs are introduced, a staffing for "
        "mental ill-health, or an assortment of devices. It is followed as far as it is supervised and fits, and "
        "brings neither money nor staff: who cannot recruit does not reach it, and what it forces displaces other "
        "things.",
    }
    instrument = Instrument.LAW
    level = Level.PROVIDER
    changes = (
        "standards of regions, municipalities or providers: introduction, staffing, treatment, assortment or "
        "follow-up, as law"
    )
    watch = "Fits local conditions badly; cannot be met where supply is short."
    who_decides = "Parliament, after a government bill"
    legal_change = (
        "the Health and Medical Services Act (2017:30) or an act of its own; a new duty is paid by the state under "
        "the financing principle (not in this lever: combine it with an earmarked grant); earliest 2027 (assumption)"
    )
    targets = ("region", "municipality", "provider")
    suffix = "law"
    Params = BindingStandardParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell those responsible what must be reached, from when, and how hard it is supervised."""
        counts_from = month_index(self.since) + round(self.params.grace_years * MONTHS_PER_YEAR)
        self._state(handles, kind, area, True, self.params.enforcement, counts_from)


@register
class AdvisoryNorm(_Stated):
    """A norm that says what should be offered, staffed or done."""

    id = "advisory_norm"
    title: ClassVar[dict[str, str]] = {"sv": "Rådgivande riktvärde", "en": "Advisory norm"}
    description: ClassVar[dict[str, str]] = {
        "sv": "En rekommendation anger en nivå som bör nås, med samma innehåll som den bindande standarden. Var och "
        "en avgör om den följs. Den följs mest där den redan nästan är uppfylld, och det gör liten skillnad.",
        "en": "A recommendation states a level that should be reached, with the same contents as the binding "
        "standard. Everyone decides whether to follow it. It is followed most where it is nearly met already, where "
        "it makes little difference.",
    }
    instrument = Instrument.RECOMMENDATION
    level = Level.PROVIDER
    changes = (
        "standards of regions, municipalities or providers: introduction, staffing, treatment, assortment or "
        "follow-up, as advice"
    )
    watch = "Followed mainly where it was already met."
    who_decides = "A national agency, or the regions together"
    legal_change = (
        "none: a recommendation, so everyone pays for what they choose to follow; earliest 2026 (assumption)"
    )
    targets = ("region", "municipality", "provider")
    suffix = "norm"
    Params = StatedParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell those responsible what should be reached."""
        self._state(handles, kind, area, False, 0.0, month_index(self.since))
