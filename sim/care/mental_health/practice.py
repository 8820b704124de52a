"""Practice: what is offered at an assessment, by whom, under which ceiling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agents.staff import MAX_PER_PROVIDER, Staff
from sim.care.mental_health import ways
from sim.care.mental_health.accounts import Accounts
from sim.care.mental_health.rules import offer_probability
from sim.rng import Stream
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.care.mental_health.area import MentalHealth


#: The scalar rule over whole arrays.
_offer: Any = offer_probability


def logit(p: float) -> float:
    """Log odds."""
    return float(np.log(p / (1.0 - p)))


def hire(area: MentalHealth, draw: int) -> Staff:
    """Posts at every centre, about one for each whole full-time equivalent of today's national staffing."""
    per_centre = np.round(area.par("fte_per_10000") * area.accounts.listed / 10_000.0).astype(np.int64)
    staff = Staff.employ(np.clip(per_centre, 1, MAX_PER_PROVIDER))
    staff.draw_styles(draw, Stream.STAFF_MENTAL)
    return staff


def share_posts(staff: Staff, fte: FloatArray) -> None:
    """Give each professional a profession and a part of the centre's posts; sums are kept."""
    provider = staff.provider
    within = np.arange(len(staff)) - staff.first[provider]
    count = staff.per_provider[provider]
    total = fte.sum(axis=1)
    edges = np.cumsum(fte, axis=1)[provider, :-1]
    place = ((within + 0.5) / count * total[provider])[:, None]
    staff.profession[:] = (place > edges).sum(axis=1)
    staff.fte[:] = total[provider] / count


def ceilings(area: MentalHealth, accounts: Accounts) -> FloatArray:
    """Practical ceiling of each centre, 0–1: leadership, team and time (a long queue leaves none)."""
    level = (
        logit(area.par("ceiling_mean"))
        + accounts.own_ceiling
        + area.par("team_ceiling") * (accounts.team - 0.5)
        - area.par("time_ceiling") * np.log1p(accounts.wait_treatment)
    )
    return 1.0 / (1.0 + np.exp(-level))


def take_in_guidance(area: MentalHealth) -> None:
    """Guidance reaches the centres: staff against what is usual, and the wait for treatment as lack of time.

    Hours that are set aside for learning are taken from patients' hours.
    """
    accounts = area.accounts
    staff = accounts.fte.sum(axis=1) / accounts.listed * 10_000.0 / area.reference_fte_per_10000()
    area.knowledge.january(np.log(np.clip(staff, 0.25, 4.0)), np.log1p(accounts.wait_treatment))
    accounts.hours *= 1.0 - area.knowledge.away


def offers(area: MentalHealth, staff: Staff, accounts: Accounts) -> tuple[FloatArray, FloatArray]:
    """Chance of being offered recommended treatment at an assessment.

    Competence counts: a centre whose hours are mostly those of psychologists and psychotherapists knows the
    treatments better; so does one that applies more guidance than is usual. What one professional does beyond that
    is personal style.

    Returns:
        By professional and severity, shape (n_staff, 2); by a GP at each centre and severity, shape (n, 2).
    """
    ceiling = ceilings(area, accounts)
    own_practice = accounts.own_practice + area.knowledge.beyond_usual(
        area.knowledge.value("effect_mental_health")
    )
    assessors = ways.assessors_competent(area)
    competence = area.par("competence_effect") * (assessors - area.par("competence_reference"))
    centre = own_practice + competence
    within = area.par("practice_logit_sd") * np.sqrt(1.0 - area.par("practice_between_share"))
    personal = area.heterogeneity.professional * within * staff.style
    base = np.array([logit(area.par("offer_mild")), logit(area.par("offer_severe"))])
    provider = staff.provider
    alone = own_practice[provider] + personal
    pulled = ways.pulled(alone, ways.pull(area)[provider], area.par("guideline_level"))
    odds = np.exp(base[None, :] + (centre[provider] + personal + (pulled - alone))[:, None])
    by_staff: FloatArray = np.asarray(_offer(ceiling[provider][:, None], odds))
    by_guidance = area.par("pathway_effect") * accounts.guided
    gp = ways.pulled(own_practice, by_guidance, area.par("guideline_level"))
    gp_odds = np.exp(base[None, :] + gp[:, None])
    by_gp = area.par("gp_offer_ratio") * _offer(ceiling[:, None], gp_odds)
    return np.ascontiguousarray(by_staff), np.ascontiguousarray(by_gp)
