"""Ways of working that centres and regions have decided on: shared posts, a lead, guidance, reporting, training.

Each function turns agents' decisions (columns of the accounts, desks) into what the labour market and the
professionals meet. Where nobody has decided anything the values are neutral.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.care.mental_health.area import MentalHealth

_PSYCHOLOGIST = 0


def attractiveness(area: MentalHealth) -> FloatArray:
    """How attractive a post at each centre is, shape (n,).

    A region that knows where staff is missing supports recruitment there.
    """
    accounts = area.accounts
    plain = np.exp(
        -area.par("rurality_repels") * accounts.rurality
        + area.par("size_attracts") * np.log(accounts.size)
        + area.par("team_attracts") * (accounts.team - 0.5)
    )
    for region in area.model.regions:
        known = region.desks[area.name].known_shortage
        if known is not None:
            here = np.flatnonzero(accounts.region == region.index)
            plain[here] *= 1.0 + area.par("mapping_support") * known
    return np.asarray(plain)


def training_places(area: MentalHealth) -> FloatArray:
    """Training places decided now by region, relative to normal, shape (21,).

    Centres offer more where a post costs less to offer, but only with a psychologist who can supervise; a region
    that plans to a norm adds places for the gap that it sees.
    """
    accounts = area.accounts
    told = [
        p.handles[area.name].permissions.get("training_posts", 0.0) for p in area.model.providers[area.name]
    ]
    supervised = accounts.fte[:, _PSYCHOLOGIST] >= area.par("supervisor_fte")
    listed = accounts.by_region(accounts.listed)
    offered = accounts.by_region(np.array(told) * supervised * accounts.listed) / listed
    planned = np.array([region.desks[area.name].training_gap for region in area.model.regions])
    return np.asarray(
        1.0 + area.par("training_post_effect") * offered + area.par("norm_training_effect") * planned
    )


def post_sizes(area: MentalHealth) -> FloatArray:
    """Smallest part of a post that a centre can fill, shape (n, 1): a whole one, or a share of one."""
    return np.asarray(area.par("usual_post_fte") / area.accounts.employers)[:, None]


def hours_lost(area: MentalHealth) -> FloatArray:
    """Share of patient hours that travel between employers, leading, reporting and learning take, shape (n,)."""
    accounts = area.accounts
    total = accounts.fte.sum(axis=1)
    shared = (accounts.fte > 0.0) & (accounts.fte < area.par("usual_post_fte"))
    parts = (accounts.fte * shared).sum(axis=1) / np.maximum(total, 1e-12) * (accounts.employers > 1.0)
    lost = parts * accounts.shared_loss + accounts.away + led(area) * area.par("lead_hours_share")
    return np.asarray(np.minimum(lost, 1.0))


def led(area: MentalHealth) -> FloatArray:
    """Share of practice that is followed up by a lead: none where no psychologist works, shape (n,)."""
    accounts = area.accounts
    return np.asarray(accounts.lead * (accounts.fte[:, _PSYCHOLOGIST] >= area.par("smallest_post_fte")))


def pull(area: MentalHealth) -> FloatArray:
    """How far professionals move from their own practice towards the guidelines, 0–1, shape (n,)."""
    by_lead = area.par("lead_effect") * led(area)
    by_guidance = area.par("pathway_effect") * area.accounts.guided
    return np.asarray(1.0 - (1.0 - by_lead) * (1.0 - by_guidance) * (1.0 - area.accounts.taught))


def pulled(practice: FloatArray, share: FloatArray, guideline: float) -> FloatArray:
    """Practice on the logit scale after some of the way to the guidelines; who offers more keeps to it."""
    return np.asarray(practice + share * np.maximum(guideline - practice, 0.0))


def bound(area: MentalHealth) -> FloatArray:
    """Share of assessments kept to counted professions, shape (n,): none where none of them works."""
    accounts = area.accounts
    return np.asarray(accounts.bound * ((accounts.fte * accounts.counted).sum(axis=1) > 0.0))


def assessors_competent(area: MentalHealth) -> FloatArray:
    """Competence of those who assess, shape (n,): of all, or of the professions whose assessments count."""
    accounts = area.accounts
    weights = accounts.fte * accounts.counted
    total = weights.sum(axis=1)
    competence = np.array(area.par("competence"), dtype=float)
    theirs = np.where(total > 0.0, weights @ competence / np.maximum(total, 1e-12), accounts.competent)
    return np.asarray(accounts.competent + accounts.bound * (theirs - accounts.competent))
