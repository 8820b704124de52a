"""Levers for mental ill-health in primary care that act on who works where."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

from sim.agents.handles import Grant, Standard
from sim.calendar import MONTHS_PER_YEAR, month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

if TYPE_CHECKING:
    from sim.agents.handles import Handles

_SOURCE = "Leading Health Care, Träffsäker centralisering?, 2025, 3.2"
#: Smallest post of each profession that a law on competences may require at every centre.
_TEAMS: dict[str, tuple[str, ...]] = {
    "psychologist": ("psychologist",),
    "psychologist_and_counsellor": ("psychologist", "counsellor"),
    "psychologist_counsellor_and_nurse": ("psychologist", "counsellor", "psychiatric_nurse"),
}
#: Years between permits for training posts under today's rules.
_PERMIT_YEARS_TODAY = 5.0


class MentalMissionParams(LeverParams):
    """Parameters of ``mental_mission_and_competence``."""

    professions: Literal[
        "psychologist", "psychologist_and_counsellor", "psychologist_counsellor_and_nurse"
    ] = lever_field(
        "psychologist_and_counsellor",
        unit="professions that every centre must have",
        source="assumption: the source asks for a licensed team and leaves its make-up open",
        sv="Yrken som ska finnas",
        en="Professions that must be there",
    )
    smallest_post_fte: float = lever_field(
        0.5,
        unit="full-time equivalents of each required profession",
        source="assumption: half time",
        sv="Minsta tjänst per yrke",
        en="Smallest post of each profession",
        gt=0.0,
        le=2.0,
    )
    fte_per_10000: float = lever_field(
        5.0,
        unit="psychosocial full-time equivalents per 10 000 listed",
        source="assumption: somewhat above usual staffing",
        sv="Lägsta bemanning",
        en="Lowest staffing",
        ge=0.0,
        le=20.0,
    )
    grace_years: float = lever_field(
        3.0,
        unit="years from the start until the law counts; before that it is followed as advice",
        source="assumption: as in earlier laws on competence requirements",
        sv="Övergångstid",
        en="Period of grace",
        ge=0.0,
        le=15.0,
    )
    enforcement: float = lever_field(
        0.6,
        unit="share of the way to the requirement that supervision makes centres and regions go",
        source="assumption: supervision reaches some centres",
        sv="Tillsynens genomslag",
        en="How far supervision reaches",
        ge=0.0,
        le=1.0,
    )
    compensation_sek_per_inhabitant: float = lever_field(
        37.5,
        unit="SEK per inhabitant and year to regions under the financing principle",
        source="half a post per 10 000 inhabitants at 750 000 SEK a post",
        sv="Statens ersättning enligt finansieringsprincipen",
        en="The state's compensation under the financing principle",
        ge=0.0,
        le=1000.0,
    )


@register
class MentalMissionAndCompetence(Lever):
    """Every primary-care centre must have a licensed psychosocial team."""

    id = "mental_mission_and_competence"
    title: ClassVar[dict[str, str]] = {
        "sv": "Förtydligat grunduppdrag och kompetenskrav",
        "en": "Clarified mission and required competences",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Lagen anger vilka legitimerade yrken som ska finnas på varje vårdcentral och en lägsta bemanning. "
        "Vårdcentralen vill då ha fler och andra tjänster, regionen ställer kravet och avsätter pengar, och staten "
        "ersätter regionerna. Om tjänsterna blir tillsatta avgörs av vilka som går att rekrytera.",
        "en": "The law says which licensed professions every centre must have, and a lowest staffing. Centres then "
        "want more and other posts, regions ask for them and set money aside, and the state compensates regions. "
        "Whether posts are filled depends on who can be recruited.",
    }
    source = _SOURCE
    instrument = Instrument.LAW
    level = Level.PROVIDER
    areas = ("mental_health",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = (
        "standards['licensed_team'] of centres, standards['fte_floor'] of centres and regions, regions' money"
    )
    watch = "Cannot be met where supply is short; staff move between regions."
    who_decides = "Parliament, after a government bill"
    legal_change = (
        "Health and Medical Services Act (2017:30), chapter 13 a; a new duty, so the state pays regions under "
        "the financing principle; earliest 2027 (assumption: inquiry and bill take two years). Bill "
        "2025/26:19 asks to make clear that primary care meets mental needs too, and requires no professions."
    )
    targets = ("region", "provider")
    Params = MentalMissionParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell centres and regions what must be there and from when; give regions their compensation."""
        p = self.params
        counts_from = month_index(self.since) + round(p.grace_years * MONTHS_PER_YEAR)
        enforcement = p.enforcement
        handles.standards["fte_floor"] = Standard(p.fte_per_10000, True, enforcement, counts_from)
        if kind == "region":
            terms = {"sek_per_inhabitant": p.compensation_sek_per_inhabitant * dose}
            handles.money.append(Grant("staff", 0.0, "per_inhabitant", terms, label=self.id))
        else:
            team = dict.fromkeys(_TEAMS[p.professions], p.smallest_post_fte)
            handles.standards["licensed_team"] = Standard(team, True, enforcement, counts_from)


class MentalStaffingNormsParams(LeverParams):
    """Parameters of ``mental_staffing_norms``."""

    fte_per_10000: float = lever_field(
        5.5,
        unit="psychosocial full-time equivalents per 10 000 inhabitants",
        source="assumption: no national norm exists; about a fifth above usual staffing",
        sv="Riktvärde",
        en="Norm",
        ge=0.0,
        le=20.0,
    )
    years_to_norm: float = lever_field(
        8.0,
        unit="years over which regions plan to reach the norm",
        source="assumption: about the time to train a psychologist and some years more",
        sv="År till riktvärdet",
        en="Years to the norm",
        ge=0.0,
        le=30.0,
    )


@register
class MentalStaffingNorms(Lever):
    """Regions plan posts and training places towards a norm per inhabitant."""

    id = "mental_staffing_norms"
    title: ClassVar[dict[str, str]] = {"sv": "Riktvärden för dimensionering", "en": "Staffing norms"}
    description: ClassVar[dict[str, str]] = {
        "sv": "Ett nationellt riktvärde anger hur många psykosociala tjänster en region bör ha per invånare. Regioner "
        "planerar steg för steg dit, avsätter pengar och utökar utbildningsplatserna efter det avstånd de ser. "
        "Personalen kommer först när de utbildade är färdiga.",
        "en": "A national norm says how many psychosocial posts a region should have per inhabitant. Regions plan step "
        "by step towards it, set money aside, and add training places for the gap that they see. Staff come only "
        "when the trained are ready.",
    }
    source = _SOURCE
    instrument = Instrument.RECOMMENDATION
    level = Level.REGION
    areas = ("mental_health",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "standards['fte_per_10000'] of regions, with the years to reach it; training places follow"
    watch = "A long time passes before staff exist."
    who_decides = "The National Board of Health and Welfare, with the regions"
    legal_change = "none: a recommendation, so regions pay themselves; earliest 2026 (assumption)"
    targets = ("region",)
    Params = MentalStaffingNormsParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region the norm and the years to reach it."""
        since = month_index(self.since)
        handles.standards["fte_per_10000"] = Standard(self.params.fte_per_10000, since_month=since)
        handles.standards["years_to_norm"] = Standard(self.params.years_to_norm, since_month=since)
        handles.permissions["training_follows"] = 1.0


class MentalSharedEmploymentParams(LeverParams):
    """Parameters of ``mental_shared_employment``."""

    max_employers: int = lever_field(
        3,
        unit="centres that may share one professional",
        source="assumption",
        sv="Högsta antal arbetsgivare",
        en="Most employers",
        ge=1,
        le=6,
    )
    transaction_cost: float = lever_field(
        0.05,
        unit="share of a shared post's hours that agreements, records and scheduling take",
        source="assumption",
        sv="Merarbete i delade tjänster",
        en="Extra work in shared posts",
        ge=0.0,
        le=0.5,
    )


@register
class MentalSharedEmployment(Lever):
    """One professional may serve several small or rural centres."""

    id = "mental_shared_employment"
    title: ClassVar[dict[str, str]] = {"sv": "Förenade anställningar", "en": "Shared employment"}
    description: ClassVar[dict[str, str]] = {
        "sv": "Små vårdcentraler får dela på en psykolog eller annan behandlare. En vårdcentral som behöver mindre än "
        "en hel tjänst kan då få en säker del i stället för en hel tjänst eller ingen. Resor och avtal tar arbetstid, "
        "mest i glesbygd; tar de för mycket avstår vårdcentralen.",
        "en": "Small centres may share a psychologist or another professional. A centre that needs less than a whole "
        "post can then have a certain part instead of a whole post or none. Travel and agreements take working time, "
        "most in sparse areas; where they take too much the centre does not share.",
    }
    source = _SOURCE
    instrument = Instrument.AGREEMENT
    level = Level.PROVIDER
    areas = ("mental_health",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "permissions['shared_posts'] of centres, with the terms"
    watch = "Travel eats working time."
    who_decides = "Employers and unions in agreements; regions in their specifications"
    legal_change = "none: an agreement, paid by the employers; earliest 2026 (assumption)"
    targets = ("provider",)
    Params = MentalSharedEmploymentParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a centre that it may share posts, with how many, and what that takes."""
        handles.permissions["shared_posts"] = dose
        handles.standards["shared_post_employers"] = Standard(self.params.max_employers)
        handles.prices["shared_post_cost"] = self.params.transaction_cost


class MentalPsychologicalLeadParams(LeverParams):
    """Parameters of ``mental_psychological_lead``."""

    smallest_post_fte: float = lever_field(
        0.25,
        unit="full-time equivalents of psychologist at a centre",
        source="assumption: a day and a half a week",
        sv="Minsta tjänst för psykolog",
        en="Smallest post of a psychologist",
        gt=0.0,
        le=1.0,
    )
    coverage: float = lever_field(
        0.8,
        unit="share of practice at a centre that its lead follows up",
        source="assumption",
        sv="Andel av arbetet som följs upp",
        en="Share of practice followed up",
        ge=0.0,
        le=1.0,
    )
    enforcement: float = lever_field(
        0.6,
        unit="share of the duty that supervision makes centres fulfil",
        source="assumption: supervision reaches some centres",
        sv="Tillsynens genomslag",
        en="How far supervision reaches",
        ge=0.0,
        le=1.0,
    )


@register
class MentalPsychologicalLead(Lever):
    """A psychologist answers for routines, safety and deviations at the centre."""

    id = "mental_psychological_lead"
    title: ClassVar[dict[str, str]] = {"sv": "Psykologiskt ledningsansvar", "en": "Psychological lead"}
    description: ClassVar[dict[str, str]] = {
        "sv": "Varje vårdcentral ska ha en psykolog som ansvarar för rutiner, säkerhet och avvikelser. Behandlare som "
        "sällan erbjuder rekommenderad behandling får då veta det och närmar sig riktlinjerna. Uppdraget tar tid, och "
        "utan psykolog blir det ingen ledning.",
        "en": "Every centre must have a psychologist who answers for routines, safety and deviations. Professionals "
        "who seldom offer recommended treatment are told so and move towards the guidelines. Leading takes time, and "
        "without a psychologist nobody leads.",
    }
    source = _SOURCE
    instrument = Instrument.LAW
    level = Level.PROVIDER
    areas = ("mental_health",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "standards['psychological_lead'] of centres: a psychologist who follows up practice"
    watch = "Needs a psychologist who can lead."
    who_decides = "Parliament, or the government by ordinance"
    legal_change = (
        "Health and Medical Services Act (2017:30) and its ordinance; a new duty, so the state pays regions under the "
        "financing principle (not in this lever: the hours are taken from patients); earliest 2027 (assumption)"
    )
    targets = ("provider",)
    Params = MentalPsychologicalLeadParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a centre that a psychologist must lead, and how much of practice that concerns."""
        handles.standards["psychological_lead"] = Standard(
            {"psychologist": self.params.smallest_post_fte},
            True,
            self.params.enforcement,
            month_index(self.since),
        )
        handles.permissions["lead_coverage"] = self.params.coverage


class MentalTrainingPostsParams(LeverParams):
    """Parameters of ``mental_training_posts``."""

    permit_interval_years: float = lever_field(
        0.0,
        unit="years between permits; 0 = no permit is needed, 5 = as today",
        source=_SOURCE + ": today every five years",
        sv="År mellan tillstånd",
        en="Years between permits",
        ge=0.0,
        le=50.0,
    )
    permit_cost: float = lever_field(
        1.0,
        unit="work of one permit as a share of today's",
        source="assumption: unchanged",
        sv="Arbete för ett tillstånd",
        en="Work of a permit",
        ge=0.0,
        le=1.0,
    )


@register
class MentalTrainingPosts(Lever):
    """A centre need not apply for its own permit, so offering a training post costs less."""

    id = "mental_training_posts"
    title: ClassVar[dict[str, str]] = {
        "sv": "Avskaffade särregler för PTP",
        "en": "Simpler rules for training posts",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Vårdcentraler slipper söka tillstånd vart femte år för att ta emot psykologer i praktisk "
        "tjänstgöring (PTP). Fler platser erbjuds, men bara där en psykolog kan handleda, och de utbildade syns efter "
        "ett par år.",
        "en": "Centres no longer apply every five years for a permit to take psychologists in practical "
        "training. More places are offered, but only where a psychologist can supervise, and the trained show after "
        "some years.",
    }
    source = _SOURCE
    instrument = Instrument.LAW
    level = Level.PROVIDER
    areas = ("mental_health",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "permissions['training_posts'] of centres: how much less a training post costs to offer"
    watch = "New posts arise in cities."
    who_decides = "Government, by ordinance, and the National Board of Health and Welfare, by regulations"
    legal_change = (
        "ordinance and regulations on practical training of psychologists; earliest 2026 (assumption). No new "
        "duty: employers pay their posts as today, and nobody is compensated."
    )
    targets = ("provider",)
    Params = MentalTrainingPostsParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a centre how much of today's permit work it is spared."""
        years = self.params.permit_interval_years
        left = 0.0 if years <= 0.0 else min(_PERMIT_YEARS_TODAY / years, 1.0) * self.params.permit_cost
        handles.permissions["training_posts"] = (1.0 - left) * dose
