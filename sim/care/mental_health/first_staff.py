"""Who works where when the spin-up starts: psychosocial staff in primary care and elsewhere, January 2010."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim import rng
from sim.agents.labour_market import OtherEmployers, starting_supply
from sim.calendar import SPIN_UP_START
from sim.care.mental_health.facts import STAFF_YEAR
from sim.rng import Stream
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.care.mental_health.area import MentalHealth
    from sim.model import CentralisationModel

#: Professions without a count of how few worked in primary care: taken to be in balance with other employers at first.
UNCOUNTED = slice(1, None)
#: Number of the fact how well primary care draws psychologists in a region; 0 to 2 are the other professions.
_OWN_DRAW = 3


def first_staff(model: CentralisationModel, area: MentalHealth) -> tuple[FloatArray, OtherEmployers]:
    """Staff in primary care, and with other employers, at the start.

    Psychologists with all employers are the headcount of 2024 carried back by the growth of the profession; how few of
    them were in primary care says the survey of 2009. Other professions have been counted nowhere.

    Returns:
        Full-time equivalents in primary care, shape (21, n_professions), and the other employers.
    """
    usual = float(area.par("psychologist_primary_share"))
    own_draw = _own_draw(model, area)
    everywhere, psychologists = _psychologists(model, area, own_draw)
    rest = _other_professions(model, area)
    supply = np.column_stack([psychologists, rest])
    elsewhere = np.column_stack([everywhere - psychologists, rest * (1.0 - usual) / usual])
    people = model.data.regions.population.astype(float)
    wanted = elsewhere.sum(axis=0) / (1.0 - area.par("vacancies_elsewhere"))
    posts = np.outer(people / people.sum(), wanted)  # as many per inhabitant everywhere
    drawn = np.ones_like(supply)
    drawn[:, 0] = own_draw
    return supply, OtherEmployers(elsewhere, posts, usual, drawn)


def _own_draw(model: CentralisationModel, area: MentalHealth) -> FloatArray:
    """What primary care offers psychologists in a region relative to usual, 1 without differences of endowment.

    The headcount does not say it.
    """
    z = rng.normal_draw(model.draw, Stream.SUPPLY_MENTAL, _OWN_DRAW, np.arange(len(model.regions)))
    return np.asarray(
        np.exp(area.par("psychologist_primary_share_log_sd") * z) ** area.heterogeneity.endowment
    )


def _growth(area: MentalHealth) -> float:
    return float(area.par("training_inflow") - area.par("training_outflow"))


def _psychologists(
    model: CentralisationModel, area: MentalHealth, own_draw: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Psychologists with all employers and in primary care by region, full-time equivalents."""
    regions, spread = model.data.regions, area.heterogeneity.endowment
    people = regions.population.astype(float)
    heads = regions.psychologists_headcount_2024.astype(float)
    per_10000 = float(heads.sum() / people.sum()) * 10_000.0 * area.par("psychologist_fte_per_head")
    years = STAFF_YEAR - SPIN_UP_START
    everywhere = starting_supply(heads, people, per_10000, spread, years, _growth(area))
    return everywhere, np.minimum(_in_primary_care(model, area, everywhere, own_draw), everywhere)


def _in_primary_care(
    model: CentralisationModel, area: MentalHealth, everywhere: FloatArray, own_draw: FloatArray
) -> FloatArray:
    """One usual post at every centre that had a psychologist by the survey of 2009.

    Where a region's share of centres is not known it follows how many psychologists there are and what draws them, so
    that the country's is the published one. Without differences of endowment all have the same per inhabitant.
    """
    regions, spread = model.data.regions, area.heterogeneity.endowment
    centres = area.accounts.by_region(np.ones(len(area.accounts)))
    posts = float(area.par("centres_with_psychologist_2009")) * centres.sum()
    covered = regions.centres_with_psychologist_pct_2009 / 100.0 * centres
    known = np.isfinite(covered)
    likely = everywhere / regions.population * own_draw * centres
    left = max(posts - float(covered[known].sum()), 0.0)
    covered[~known] = np.minimum(likely * left / likely[~known].sum(), centres)[~known]
    even = posts * regions.population / regions.population.sum()
    return np.asarray((even + spread * (covered - even)) * area.par("usual_post_fte"))


def _other_professions(model: CentralisationModel, area: MentalHealth) -> FloatArray:
    """Psychotherapists, counsellors and psychiatric nurses in primary care, shape (21, 3)."""
    people = model.data.regions.population.astype(float)
    today = np.array(area.par("other_supply_per_10000"), dtype=float)
    spreads = (
        area.par("psychotherapist_log_sd"),
        area.par("other_supply_log_sd"),
        area.par("other_supply_log_sd"),
    )
    columns = []
    for fact, (per_10000, sd) in enumerate(zip(today, spreads, strict=True)):
        z = rng.normal_draw(model.draw, Stream.SUPPLY_MENTAL, fact, np.arange(len(people)))
        columns.append(
            starting_supply(
                people * np.exp(sd * z), people, float(per_10000), area.heterogeneity.endowment,
                STAFF_YEAR - SPIN_UP_START, _growth(area),
            )
        )  # fmt: skip
    return np.stack(columns, axis=1)
