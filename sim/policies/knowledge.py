"""Levers of SOU 2020:36 that let the state see more, sooner, and act on what it sees."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from sim.agents.handles import AREAS, Handles, NationalFunction
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

#: Who turns follow-up into decisions, and money for those decisions to move where the state has no grant today.
_RECEIVER, _GRANT = "ministry_analysis_capacity", "earmarked_grant"
#: Million SEK a year for one full-time analyst with overheads; SOU 2020:36, table 19.6 (2.964 million for two).
MSEK_PER_FTE = 1.482


class FollowupOfInitiativesParams(LeverParams):
    """Parameters of ``followup_of_initiatives``."""

    fte: float = lever_field(
        3.0,
        ge=0.0,
        le=50.0,
        unit="full-time staff",
        source="SOU 2020:36, table 19.6: three posts, then two",
        sv="Årsarbetskrafter",
        en="Full-time staff",
    )

    lag_months: int = lever_field(
        12,
        ge=0,
        le=60,
        unit="months from the end of a year until its results can be read",
        source="assumption: a year sooner than today",
        sv="Fördröjning",
        en="Delay",
    )


@register
class FollowupOfInitiatives(Lever):
    """The analysis agency follows up what the state's initiatives did."""

    id = "followup_of_initiatives"
    title: ClassVar[dict[str, str]] = {
        "sv": "Vårdanalys följer upp statliga initiativ",
        "en": "Follow-up of state initiatives",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Vårdanalys följer upp statens initiativ fortlöpande. Staten kan då behålla det som verkar och "
            "avsluta annat, om någon på departementet tar emot och handlar."
        ),
        "en": (
            "The analysis agency follows up the state's initiatives as they go. The state can then keep "
            "what works and end what does not, if somebody at the ministry receives it and acts."
        ),
    }
    source = "SOU 2020:36, 15.1"
    instrument = Instrument.FOLLOW_UP
    level = Level.STATE
    areas = AREAS
    status = Status.PROPOSED
    status_date = "2020-06"
    changes = "functions of the state: follow-up of its own grants."
    watch = "No effect without a receiver."
    who_decides = "Government, by instructions and appropriations; no new law"
    legal_change = (
        "none: a change of the agency's instruction, proposed from 1 April 2021, at the earliest 2027 "
        "today. The state pays its agency; no task moves, so nothing is paid under the financing "
        "principle."
    )
    targets = ("state",)
    needs: ClassVar[dict[str, tuple[str, ...]]] = {
        "orphan_drugs": (_RECEIVER, _GRANT),
        "mental_health": (_RECEIVER,),
        "assistive_devices": (_RECEIVER, _GRANT),
    }
    Params = FollowupOfInitiativesParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state that its initiatives are followed up."""
        handles.functions["initiative_follow_up"] = NationalFunction(
            float(self.params.lag_months),
            terms={
                "fte": self.params.fte * dose,
                "annual_msek": MSEK_PER_FTE * self.params.fte * dose / len(AREAS),
            },
        )


class FollowupOfNeedsParams(LeverParams):
    """Parameters of ``followup_of_needs``."""

    fte: float = lever_field(
        5.0,
        ge=0.0,
        le=50.0,
        unit="full-time staff",
        source="SOU 2020:36, table 19.6: a secretariat of five",
        sv="Årsarbetskrafter",
        en="Full-time staff",
    )

    lag_months: int = lever_field(
        12,
        ge=0,
        le=60,
        unit="months from the end of a year until its results can be read",
        source="assumption: a year sooner than today",
        sv="Fördröjning",
        en="Delay",
    )

    coverage: float = lever_field(
        0.8,
        ge=0.0,
        le=1.0,
        unit="share of outcomes that the picture is to hold",
        source="assumption",
        sv="Täckning",
        en="Coverage",
    )


@register
class FollowupOfNeeds(Lever):
    """Agencies put together one picture of where gaps are largest."""

    id = "followup_of_needs"
    title: ClassVar[dict[str, str]] = {
        "sv": "Myndighetsgemensam grupp, kansli och årlig dialog",
        "en": "Joint follow-up of needs",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Myndigheterna lägger tillsammans, med ett kansli, en bild av var behoven och skillnaderna är "
            "störst. Den når bara så långt som det finns data, och ändrar ingenting förrän någon tar emot "
            "den."
        ),
        "en": (
            "Agencies, with a secretariat, put together one picture of where needs and gaps are largest. "
            "It reaches only as far as there are data, and changes nothing until somebody receives it."
        ),
    }
    source = "SOU 2020:36, 15.2-15.4"
    instrument = Instrument.FOLLOW_UP
    level = Level.STATE
    areas = AREAS
    status = Status.PROPOSED
    status_date = "2020-06"
    changes = "functions of the state: its picture of regional gaps is wider and newer."
    watch = "It does not solve access to data: municipal care stays unseen."
    who_decides = "Government, by instructions and appropriations; no new law"
    legal_change = (
        "none: a government assignment, proposed from 2021 and made permanent after four years; at the "
        "earliest 2027 today. The state pays; no task moves, so nothing is paid under the financing "
        "principle."
    )
    targets = ("state",)
    needs: ClassVar[dict[str, tuple[str, ...]]] = {
        "orphan_drugs": (_RECEIVER,),
        "mental_health": (_RECEIVER,),
        "assistive_devices": (_RECEIVER, _GRANT),
    }
    Params = FollowupOfNeedsParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state to keep one picture of needs."""
        handles.functions["needs_follow_up"] = NationalFunction(
            float(self.params.lag_months),
            terms={
                "fte": self.params.fte * dose,
                "coverage": self.params.coverage,
                "annual_msek": MSEK_PER_FTE * self.params.fte * dose / len(AREAS),
            },
        )


class MinistryAnalysisCapacityParams(LeverParams):
    """Parameters of ``ministry_analysis_capacity``."""

    fte: float = lever_field(
        2.0,
        ge=0.0,
        le=50.0,
        unit="full-time staff",
        source="SOU 2020:36, table 19.6: two posts",
        sv="Årsarbetskrafter",
        en="Full-time staff",
    )


@register
class MinistryAnalysisCapacity(Lever):
    """Analysts at the ministry receive follow-up and turn it into decisions."""

    id = "ministry_analysis_capacity"
    title: ClassVar[dict[str, str]] = {
        "sv": "Förstärkt analyskapacitet",
        "en": "Stronger analysis at the ministry",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Departementet får analytiker som tar emot uppföljningen. Först då fördelar staten sina egna "
            "bidrag efter var skillnaderna är, och behåller eller avslutar initiativ."
        ),
        "en": (
            "The ministry gets analysts who receive follow-up. Only then does the state share out its own "
            "grants by where the gaps are, and keep or end initiatives."
        ),
    }
    source = "SOU 2020:36, 15.6"
    instrument = Instrument.FOLLOW_UP
    level = Level.STATE
    areas = AREAS
    status = Status.PROPOSED
    status_date = "2020-06"
    changes = "functions of the state: somebody acts on what follow-up shows."
    watch = "Analysis of a poor picture: where little is seen nothing is redirected."
    who_decides = "Government Offices"
    legal_change = (
        "none: an appropriation by reallocation, at the earliest 2026. The state pays itself; nothing "
        "falls under the financing principle."
    )
    targets = ("state",)
    needs: ClassVar[dict[str, tuple[str, ...]]] = {"assistive_devices": (_GRANT,)}
    Params = MinistryAnalysisCapacityParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state that it has somebody who receives follow-up."""
        handles.functions["analysis"] = NationalFunction(
            0.0,
            terms={
                "fte": self.params.fte * dose,
                "annual_msek": MSEK_PER_FTE * self.params.fte * dose / len(AREAS),
            },
        )


class DataSharingStrategyParams(LeverParams):
    """Parameters of ``data_sharing_strategy``."""

    lag_months: int = lever_field(
        6,
        ge=0,
        le=60,
        unit="months from the end of a year until its results can be read",
        source="assumption: data as they arise",
        sv="Fördröjning",
        en="Delay",
    )

    coverage: float = lever_field(
        0.9,
        ge=0.0,
        le=1.0,
        unit="share of outcomes for which there are data when all is built up",
        source="assumption",
        sv="Täckning",
        en="Coverage",
    )

    less_reporting: float = lever_field(
        0.5,
        ge=0.0,
        le=1.0,
        unit="share of the time for reporting that is saved",
        source="assumption",
        sv="Minskad rapporteringsbörda",
        en="Less time for reporting",
    )


@register
class DataSharingStrategy(Lever):
    """Principals and the state use each other's data."""

    id = "data_sharing_strategy"
    title: ClassVar[dict[str, str]] = {"sv": "Ömsesidigt nyttjande av data", "en": "Mutual use of data"}
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Stat, regioner och kommuner kommer överens om att nyttja varandras data. Uppföljningen kommer "
            "tidigare, täcker mer och kostar verksamheterna mindre tid, men det tar år att bygga upp."
        ),
        "en": (
            "State, regions and municipalities agree to use each other's data. Follow-up comes sooner, "
            "covers more and costs those who report less time, but it takes years to build up."
        ),
    }
    source = "SOU 2020:36, 15.2 and 17.1"
    instrument = Instrument.AGREEMENT
    level = Level.ALL
    areas = AREAS
    status = Status.PROPOSED
    status_date = "2020-06"
    changes = (
        "functions of the state: access to data and their delay; information of providers: less to report."
    )
    watch = "It takes years."
    who_decides = "State, regions and municipalities together; parliament where secrecy must change"
    legal_change = (
        "changes in the law on secrecy and health data for the municipal part, hardly before 2028; none "
        "for the rest, at the earliest 2027. What the state requires of principals it pays for under the "
        "financing principle."
    )
    targets = ("state", "provider")
    Params = DataSharingStrategyParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state which data it is to have, and a provider that it has less to report."""
        if kind == "provider":
            handles.information["less_reporting"] = self.params.less_reporting * dose
            return
        handles.functions["data_sharing"] = NationalFunction(
            float(self.params.lag_months), terms={"coverage": self.params.coverage, "share": dose}
        )


class EvaluableReformDesignParams(LeverParams):
    """Parameters of ``evaluable_reform_design``."""

    baseline: bool = lever_field(
        True,
        unit="yes or no",
        source="SOU 2020:36, 12.2",
        sv="Baslinje mäts före start",
        en="A baseline is measured before the start",
    )

    staged_regions: float = lever_field(
        0.5,
        ge=0.0,
        lt=1.0,
        unit="share of regions that have to wait",
        source="assumption: the two groups alike in size",
        sv="Andel regioner som får vänta",
        en="Share of regions that wait",
    )

    years: int = lever_field(
        4,
        ge=1,
        le=10,
        unit="years that they wait",
        source="SOU 2020:36: trials of four years",
        sv="År de får vänta",
        en="Years that they wait",
    )


@register
class EvaluableReformDesign(Lever):
    """New state grants start in some regions, so that their effect can be told."""

    id = "evaluable_reform_design"
    title: ClassVar[dict[str, str]] = {
        "sv": "Uppföljningsbara reformer",
        "en": "Reforms that can be evaluated",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Nya statliga bidrag mäts från en baslinje och införs först i en del av regionerna. Skillnaden "
            "visar vad reformen gjorde; resten av regionerna får vänta."
        ),
        "en": (
            "New state grants are measured from a baseline and start in a part of the regions. The "
            "difference shows what the reform did; the other regions have to wait."
        ),
    }
    source = "SOU 2020:36, 12.2"
    instrument = Instrument.FOLLOW_UP
    level = Level.STATE
    areas = AREAS
    status = Status.PROPOSED
    status_date = "2020-06"
    changes = "functions of the state: how new grants are introduced and judged."
    watch = "A slower start."
    who_decides = "Government"
    legal_change = (
        "none within grants by ordinance, at the earliest 2026; treating principals unlike for a time must be "
        "allowed by the ordinance on the grant. The state pays the grant that is followed up; the design "
        "itself costs nothing."
    )
    targets = ("state",)
    needs: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(AREAS, (_GRANT,))
    Params = EvaluableReformDesignParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state how to introduce new grants."""
        handles.functions["staged_reforms"] = NationalFunction(
            0.0,
            terms={
                "baseline": self.params.baseline,
                "staged_regions": self.params.staged_regions * dose,
                "years": self.params.years,
            },
        )
