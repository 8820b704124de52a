"""Unknown facts and fixed tables: centres and their leanings, regions' rules, staff supply, rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim import rng
from sim.agents.labour_market import N_PROFESSIONS
from sim.agents.primary_care_desk import RegionRules
from sim.care.mental_health.accounts import Accounts
from sim.care.mental_health.rules import DRUG_ONLY, N_STATES, SPECIALIST, TREATMENT, WELL
from sim.care.mental_health.tables import Rate
from sim.data.providers import Owner, ProviderSites, place_centres
from sim.rng import Stream
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.care.mental_health.area import MentalHealth
    from sim.model import CentralisationModel

#: Year of the staff figures: supply is known then, and moves of staff between regions are simulated from then
#: on.
STAFF_YEAR = 2024
#: Centres of one municipality are numbered below this, so a centre's identity does not depend on other
#: municipalities.
_ID_ROOM = 1000


@dataclass(frozen=True)
class YearFacts:
    """What a year's decisions read again and again, so that a thousand centres need not look it up.

    Lists hold one value a centre, as it stands when the year's decisions begin.
    """

    year: int
    reference_per_10000: float
    specification_weight: float
    wait_goal: float
    centre_answer: float
    answer_memory: float
    fte_cost: float
    flypaper: float
    overrun: float
    mix: tuple[float, ...]
    guarantee_move: float
    post: float
    travel: float
    most_lost: float
    reporting_hours: float
    pathway_hours: float
    pathways_absorbed: float
    month: int
    slack: tuple[float, ...]
    offered: list[float]
    listed: list[float]
    own_norm: list[float]
    own_mix: list[float]
    own_team: list[float]
    posts_before: list[float]
    wait_assessment: list[float]
    wait_treatment: list[float]
    found_pull: list[list[float]]
    stated_practice_effect: float
    shown_results_effect: float


def year_facts(area: MentalHealth, year: int) -> YearFacts:
    """The facts of one year."""
    growth = area.par("fte_growth") if year <= STAFF_YEAR else area.par("staff_growth_from_2025")
    mix = np.array(area.par("profession_mix"), dtype=float)
    substitution, accounts = float(area.par("substitution")), area.accounts
    return YearFacts(
        year=year,
        reference_per_10000=area.par("fte_per_10000") * (1.0 + growth) ** (year - STAFF_YEAR),
        specification_weight=area.par("specification_weight"),
        wait_goal=area.par("wait_goal_months"),
        centre_answer=area.par("centre_answer"),
        answer_memory=area.par("answer_memory"),
        fte_cost=area.par("fte_cost_sek"),
        flypaper=float(area.model.parameters["steering.flypaper_share"]),
        overrun=area.par("overrun"),
        mix=tuple(float(x) for x in mix / mix.sum()),
        guarantee_move=area.par("guarantee_move"),
        post=area.par("usual_post_fte"),
        travel=area.par("shared_post_travel"),
        most_lost=area.par("shared_post_most_lost"),
        reporting_hours=area.par("reporting_hours_share"),
        pathway_hours=area.par("pathway_hours_share"),
        pathways_absorbed=area.par("pathways_absorbed"),
        month=area.model.calendar.month,
        offered=area.offer_mean.mean(axis=1).tolist(),
        listed=accounts.listed.tolist(),
        own_norm=accounts.own_norm.tolist(),
        own_mix=accounts.own_mix.tolist(),
        own_team=accounts.own_team.tolist(),
        posts_before=accounts.target.sum(axis=1).tolist(),
        wait_assessment=accounts.wait_assessment.tolist(),
        wait_treatment=accounts.wait_treatment.tolist(),
        slack=tuple(float(x) - 1.0 for x in area.markets.found.mean(axis=1)),
        # Professions that were found last year draw, those that were not repel, region by region.
        found_pull=[
            [max(share, 0.05) ** substitution for share in shares] for shares in area.markets.found.tolist()
        ],
        stated_practice_effect=area.par("stated_practice_effect"),
        shown_results_effect=area.par("shown_results_effect"),
    )


def inflow(area: MentalHealth, year: int) -> float:
    """New professionals in a year as a share of those who work.

    Until ``STAFF_YEAR`` the profession grew as its inflow and outflow say. From then on the model takes no side: those
    who leave are replaced, plus a growth that is a parameter of its own and nil at its central value.
    """
    if year <= STAFF_YEAR:
        return float(area.par("training_inflow"))
    return float(area.par("training_outflow") + area.par("staff_growth_from_2025"))


def centres(model: CentralisationModel, switch: float) -> ProviderSites:
    """The centres of this draw; without the provider switch all of a municipality are of one size."""
    parameters = model.parameters
    total = int(parameters["population.primary_care_centres"])
    number = np.arange(total)
    return place_centres(
        model.data,
        rurality_exponent=float(parameters["population.centre_rurality_exponent"]),
        total=total,
        private_share=float(parameters["population.private_centre_share"]),
        size_sigma=float(parameters["population.centre_size_log_sd"]) * switch,
        owner_uniforms=rng.uniform_draw(model.draw, Stream.CENTRE_OWNER, 0, number),
        size_uniforms=rng.uniform_draw(model.draw, Stream.CENTRE_SIZE, 0, number),
    )


def _identities(sites: ProviderSites) -> np.ndarray:
    """Identity of each centre: municipality and number within it."""
    first = np.searchsorted(sites.municipality, sites.municipality)
    return np.asarray(sites.municipality, dtype=np.int64) * _ID_ROOM + np.arange(len(sites)) - first


def open_accounts(model: CentralisationModel, area: MentalHealth, sites: ProviderSites) -> Accounts:
    """Columns of the centres with their leanings; a switch of 0 leaves the national mean."""
    switches = area.heterogeneity
    n = len(sites)
    identity = _identities(sites)

    def normal(fact: int) -> FloatArray:
        return switches.provider * rng.normal_draw(model.draw, Stream.PROVIDER_MENTAL, fact, identity)

    listed = sites.listed_population.astype(float)
    private = (sites.owner == Owner.PRIVATE).astype(float)
    owner_effect = switches.provider * area.par("private_norm_effect") * (private - private.mean())
    between = area.par("practice_logit_sd") * np.sqrt(area.par("practice_between_share"))
    spread = np.clip(area.par("digital_share") + area.par("digital_sd") * normal(5), 0.0, 0.8)
    zeros = np.zeros
    return Accounts(
        region=sites.region.astype(np.int64),
        municipality=sites.municipality.astype(np.int64),
        listed=listed,
        size=(listed / listed.mean()) ** switches.provider,
        rurality=switches.endowment * model.data.municipalities.rurality[sites.municipality],
        own_norm=_mean_one(np.exp(area.par("own_norm_log_sd") * normal(0) + owner_effect), listed),
        own_mix=_mean_one(np.exp(area.par("own_mix_log_sd") * normal(1)), listed),
        own_team=area.par("own_team_sd") * normal(2),
        own_ceiling=area.par("ceiling_logit_sd") * normal(3),
        own_practice=between * normal(4),
        rounding=np.stack(
            [
                rng.uniform_draw(model.draw, Stream.PROVIDER_MENTAL, 10 + p, identity)
                for p in range(N_PROFESSIONS)
            ],
            axis=1,
        ),
        digital=spread,
        target=zeros((n, N_PROFESSIONS)),
        fte=zeros((n, N_PROFESSIONS)),
        team=np.full(n, 0.5),
        response=np.ones(n),
        hours=zeros(n),
        competent=np.ones(n),
        course_hours=np.ones(n),
        guarantee_days=zeros(n),
        treatment_days=zeros(n),
        push_assessment=zeros(n),
        push_treatment=zeros(n),
        bound=zeros(n),
        counted=np.ones((n, N_PROFESSIONS)),
        employers=np.ones(n),
        shared_loss=zeros(n),
        lead=zeros(n),
        guided=zeros(n),
        taught=zeros(n),
        away=zeros(n),
        by_staff=np.full(n, 0.5),
        admit=np.full(n, 0.5),
        owed_assessments=zeros(n),
        owed_starts=zeros(n),
        capacity_assessments=zeros(n),
        capacity_starts=zeros(n),
        wait_assessment=zeros(n),
        wait_treatment=zeros(n),
    )


def _mean_one(factor: FloatArray, weights: FloatArray) -> FloatArray:
    """The factors with their weighted mean at 1, so that a switch moves differences and not the national level."""
    return np.asarray(factor / np.average(factor, weights=weights))


def region_rules(model: CentralisationModel, area: MentalHealth) -> list[RegionRules]:
    """Rules of the 21 regions: fees from data, the rest unknown facts of the draw."""
    switch = area.heterogeneity.region_rules
    regions = model.data.regions
    number = np.arange(len(regions.code))

    def normal(fact: int) -> FloatArray:
        return switch * rng.normal_draw(model.draw, Stream.REGION_RULES_MENTAL, fact, number)

    people = regions.population.astype(float)
    priority = _mean_one(np.exp(area.par("priority_log_sd") * normal(0)), people)
    requirement = _mean_one(np.exp(area.par("requirement_log_sd") * normal(1)), people)
    team = area.par("team_rule_sd") * normal(2)
    contractors = np.clip(0.5 + 0.3 * normal(3), 0.0, 1.0)
    psychologists = _mean_one(np.exp(area.par("psychologist_rule_log_sd") * normal(4)), people)
    reference = reference_fee(model)
    fee = reference * (regions.primary_care_visit_fee / reference) ** switch
    return [
        RegionRules(*(float(x[i]) for x in (priority, requirement, team, contractors, psychologists, fee)))
        for i in number
    ]


def reference_fee(model: CentralisationModel) -> float:
    """Population-weighted mean fee of a visit, SEK."""
    regions = model.data.regions
    return float(np.average(regions.primary_care_visit_fee, weights=regions.population))


def monthly_rates(area: MentalHealth) -> FloatArray:
    """Monthly probabilities by severity and ``Rate``, shape (2, 12)."""
    table = np.zeros((2, len(Rate)))
    by_severity = {
        Rate.RECOVER: "recover", Rate.REFER: "refer", Rate.DRUG: "drug",
        Rate.TREATMENT_WORKS: "treatment_works",
    }  # fmt: skip
    for column, name in by_severity.items():
        table[0, column] = area.par(f"{name}_mild")
        table[1, column] = area.par(f"{name}_severe")
    both = {
        Rate.DROP_OUT: "drop_out", Rate.COMPLETE: "complete", Rate.DRUG_WORKS: "drug_works",
        Rate.DRUG_ENDS: "drug_ends", Rate.SPECIALIST_START: "specialist_start", Rate.ASK_AGAIN: "ask_again",
        Rate.CLOSE: "close", Rate.RELAPSE: "relapse",
    }  # fmt: skip
    for column, name in both.items():
        table[:, column] = area.par(name)
    return table


def monthly_qaly_loss(area: MentalHealth) -> FloatArray:
    """QALYs lost in a month by severity and state, shape (2, N_STATES)."""
    loss = np.zeros((2, N_STATES))
    yearly = np.array([area.par("qaly_loss_mild"), area.par("qaly_loss_severe")])
    loss[:, :WELL] = yearly[:, None] / 12.0
    for state in (TREATMENT, DRUG_ONLY, SPECIALIST):
        loss[:, state] *= area.par("qaly_loss_in_care")
    return loss
