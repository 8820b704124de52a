"""Labour markets for psychosocial staff: one for each region and profession.

A market knows how many work in its region, in primary care and with other employers. Posts are filled by how
attractive they are; who cannot be found stays a vacancy, however much money or norm stands behind the post. People
train, leave, change employer and move towards unfilled posts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.typing import FloatArray, IntArray

N_REGIONS = 21
#: Psychosocial professions, in the order of every array of full-time equivalents.
PROFESSIONS: tuple[str, ...] = ("psychologist", "psychotherapist", "counsellor", "psychiatric_nurse")
N_PROFESSIONS = len(PROFESSIONS)
#: Newton's method needs some ten.
_MOST_STEPS = 100
#: Posts that come free by turnover, as a share of those who work: a region without a vacancy still draws some.
_ALWAYS_OPEN = 0.05
#: Highest exponent searched: at this, even the least attractive post is filled.
_HIGHEST_K = 60.0


def fill_rates(
    target: FloatArray, attractiveness: FloatArray, supply: float, frictional: float
) -> FloatArray:
    """Share of each post that is filled: ``1 - exp(-k * attractiveness)`` with k such that supply is used up.

    Continuous in everything, and equal for all posts when they are equally attractive.

    Args:
        target: Wanted full-time equivalents, shape (n,).
        attractiveness: Positive, shape (n,).
        supply: Full-time equivalents to be had.
        frictional: Share of posts that stand empty by turnover even when supply is ample.

    Returns:
        Shares in [0, 1), shape (n,); filled posts sum to the lower of supply and ``(1 - frictional) *
        target``.
    """
    wanted = float(target.sum())
    if wanted <= 0.0 or supply <= 0.0:
        return np.zeros_like(target)
    goal = min(supply / wanted, 1.0 - frictional)
    least = float(attractiveness.min())
    if float(attractiveness.max()) == least:
        return np.full_like(target, goal)
    highest = _HIGHEST_K / least
    # Filled posts are a concave rising function of k: Newton's steps from nought rise towards k and never pass it.
    k, enough = 0.0, goal * wanted
    for _ in range(_MOST_STEPS):
        empty = np.exp(-k * attractiveness)
        left = target * empty
        k_next = k + (enough - (wanted - float(left.sum()))) / float(left @ attractiveness)
        if not k < k_next <= highest:
            break
        k = k_next
    return np.asarray(1.0 - np.exp(-k * attractiveness))


def even_rates(target: FloatArray, supply: float, frictional: float) -> FloatArray:
    """Share of each post that is filled when one post is as good as another: the same everywhere in the region.

    Who looks for work meets posts, not workplaces: a centre with twice the posts finds twice the people, and what makes
    it attractive does not matter.

    Args:
        target: Wanted full-time equivalents, shape (n,).
        supply: Full-time equivalents to be had.
        frictional: As in ``fill_rates``.

    Returns:
        Shares in [0, 1), shape (n,), with the same sum of filled posts as ``fill_rates``.
    """
    wanted = float(target.sum())
    if wanted <= 0.0 or supply <= 0.0:
        return np.zeros_like(target)
    return np.full_like(target, min(supply / wanted, 1.0 - frictional))


def whole_posts(
    fte: FloatArray, rounding: FloatArray, post: float | FloatArray, switch: float, region: IntArray
) -> FloatArray:
    """Posts are people: a centre has whole posts of a profession or none, and small centres often none.

    Args:
        fte: Full-time equivalents that fall to each centre, shape (n, n_professions).
        rounding: Uniforms that decide whether a part of a post becomes a post, same shape.
        post: Full-time equivalents of one post; by centre, shape (n, 1), where centres share posts.
        switch: 0–1, how much of the lumpiness is present.
        region: Region of each centre, shape (n,).

    Returns:
        Full-time equivalents with the same sum for each region and profession.
    """
    whole = np.floor(fte / post + rounding) * post
    result = np.empty_like(fte)
    for p in range(fte.shape[1]):
        before = np.bincount(region, weights=fte[:, p], minlength=N_REGIONS)
        after = np.bincount(region, weights=whole[:, p], minlength=N_REGIONS)
        scale = np.divide(before, after, out=np.zeros(N_REGIONS), where=after > 0.0)
        lumpy = np.where(after[region] > 0.0, whole[:, p] * scale[region], fte[:, p])
        result[:, p] = (1.0 - switch) * fte[:, p] + switch * lumpy
    return result


class OtherEmployers(NamedTuple):
    """Where psychosocial professionals work but in primary care: psychiatry, municipalities, schools, their own.

    Attributes:
        staff: Full-time equivalents with them, shape (21, n_professions).
        posts: Full-time equivalents that they want, same shape.
        usual_share: Share of a profession's posts that are primary care's when posts stand empty as often with both,
            0–1.
        draw_of_primary: What primary care offers in a region besides empty posts, relative to usual, shape (21,
            n_professions).
    """

    staff: FloatArray
    posts: FloatArray
    usual_share: float
    draw_of_primary: FloatArray

    def empty(self, least: float) -> FloatArray:
        """Share of their posts that stand empty, not below what turnover alone leaves empty."""
        return np.clip(1.0 - self.staff / self.posts, least, 1.0)

    def grow(self, factor: float) -> None:
        """The profession and what they want of it grow alike."""
        self.staff[:] *= factor
        self.posts[:] *= factor


class LabourMarkets:
    """Supply of psychosocial staff by region and profession.

    Attributes:
        supply: Full-time equivalents to be had in primary care, shape (21, n_professions).
        others: Other employers of the same professions, in the same region.
        joined: Full-time equivalents that came from other employers last January, less those who went to them, shape
            (21, n_professions).
        vacancies: Unfilled full-time equivalents at the last filling.
        found: Share of wanted posts that was found at the last filling, shape (21, n_professions).
        rule: How posts are filled: ``attractiveness`` (``fill_rates``) or ``proportional`` (``even_rates``).
        pipeline: Training places relative to normal, by year of entry to the profession from next year on,
            each of shape (21,): what is decided today shows after the training lag.
    """

    def __init__(
        self,
        supply: FloatArray,
        training_lag_years: int,
        rule: str = "attractiveness",
        others: OtherEmployers | None = None,
    ) -> None:
        self.rule = rule
        self.supply = np.array(supply, dtype=float)
        none, one = np.zeros_like(self.supply), np.ones_like(self.supply)
        self.others = others or OtherEmployers(none, one.copy(), 0.5, one)
        self.joined = np.zeros_like(self.supply)
        self._usually_join = np.zeros_like(self.supply)
        self.vacancies = np.zeros_like(self.supply)
        self.found = np.ones_like(self.supply)
        self._usual = np.ones_like(self.supply)
        self.pipeline: list[FloatArray] = [np.ones(N_REGIONS) for _ in range(max(training_lag_years, 1))]

    def everywhere(self) -> FloatArray:
        """Full-time equivalents with all employers, shape (21, n_professions)."""
        return self.supply + self.others.staff

    def year_passes(
        self, inflow: float, outflow: float, mobility: float, training: FloatArray, draw_of_region: FloatArray
    ) -> None:
        """People enter, leave and move; called in January before posts are filled.

        Training places decided on are primary care's; other employers grow as usual.

        Args:
            inflow: New professionals a year as a share of those who work, at normal training.
            outflow: Share who leave the profession or primary care in a year.
            mobility: Share who would move to another region for an unfilled post.
            training: Training places decided now, relative to normal, by region, shape (21,).
            draw_of_region: What a region offers movers (pay, conditions), positive, shape (21,).
        """
        entering = self.pipeline.pop(0)
        self.pipeline.append(np.array(training, dtype=float))
        self.supply *= 1.0 + inflow * entering[:, None] - outflow
        self.others.grow(1.0 + inflow - outflow)
        self._move(mobility, draw_of_region)

    def change_employer(self, looking: float, least_empty: float) -> None:
        """Some look for another employer and take a post where most stand empty; called in January.

        Who looks knows how often posts stand empty in primary care and elsewhere in the region, and wants one of them.
        Where posts stand empty as often with both, primary care gets its usual share. As many go as come once a balance
        is taken as usual (``call_balanced``): then only posts that come or go move anybody.

        Args:
            looking: Share who look for a post with another employer in a year.
            least_empty: Share of other employers' posts that stand empty by turnover alone.
        """
        balance = self._drawn_from_others(least_empty) - self._usually_join
        self.joined = np.clip(looking * balance, -self.supply, self.others.staff)
        self.supply += self.joined
        self.others.staff[:] -= self.joined

    def call_balanced(self, least_empty: float, professions: slice = slice(None)) -> None:
        """Take what today's empty posts would draw as outweighed by what draws the other way.

        Args:
            least_empty: As in ``change_employer``.
            professions: Which of them.
        """
        self._usually_join[:, professions] = self._drawn_from_others(least_empty)[:, professions]

    def _drawn_from_others(self, least_empty: float) -> FloatArray:
        """Those who would be in primary care if everybody looked, less those who are."""
        share = self.others.usual_share
        offered = share * self.others.draw_of_primary * (1.0 - self.found)
        elsewhere = (1.0 - share) * self.others.empty(least_empty)
        return np.asarray(self.everywhere() * offered / (offered + elsewhere) - self.supply)

    def _move(self, mobility: float, draw_of_region: FloatArray) -> None:
        """Movers of each profession go where more posts stand empty, or pay is better, than usual."""
        if mobility <= 0.0:
            return
        leaving = mobility * self.supply
        pull = leaving * self._drawn(draw_of_region) / self._usual
        self.supply += leaving.sum(axis=0) * pull / pull.sum(axis=0) - leaving

    def call_usual(self, draw_of_region: FloatArray) -> None:
        """Take today's empty posts and pay as what has drawn today's people to where they are.

        Where people work today is the outcome of many years of moves, so today's differences alone move nobody: only
        posts and pay that change from here on do.
        """
        self._usual = self._drawn(draw_of_region)

    def _drawn(self, draw_of_region: FloatArray) -> FloatArray:
        """How strongly each region draws movers: empty posts by those who work there, times what it offers.

        Where nobody of a profession works there is nobody to be drawn to either.
        """
        empty = np.divide(
            self.vacancies, self.supply, out=np.zeros_like(self.supply), where=self.supply > 0.0
        )
        return (empty + _ALWAYS_OPEN) * draw_of_region[:, None]

    def fill(
        self,
        region: IntArray,
        target: FloatArray,
        attractiveness: FloatArray,
        extra_supply: FloatArray,
        frictional: float,
    ) -> FloatArray:
        """Fill the posts of all centres, region by region and profession by profession.

        Args:
            region: Region of each centre, shape (n,).
            target: Wanted full-time equivalents, shape (n, n_professions).
            attractiveness: Of each centre, shape (n,).
            extra_supply: Contractors that a region lets its centres use, as a share of supply, shape (21,).
            frictional: As in ``fill_rates``.

        Returns:
            Filled full-time equivalents, shape (n, n_professions).
        """
        filled = np.zeros_like(target)
        for r in range(N_REGIONS):
            here = np.flatnonzero(region == r)
            for p in range(target.shape[1]):
                at_hand = float(self.supply[r, p]) * (1.0 + float(extra_supply[r]))
                filled[here, p] = target[here, p] * self._rates(
                    target[here, p], attractiveness[here], at_hand, frictional
                )
                wanted, found = float(target[here, p].sum()), float(filled[here, p].sum())
                self.vacancies[r, p] = wanted - found
                self.found[r, p] = found / wanted if wanted > 0.0 else 1.0
        return filled

    def _rates(
        self, target: FloatArray, attractiveness: FloatArray, supply: float, frictional: float
    ) -> FloatArray:
        if self.rule == "proportional":
            return even_rates(target, supply, frictional)
        return fill_rates(target, attractiveness, supply, frictional)


def starting_supply(
    headcount: FloatArray,
    population: FloatArray,
    per_10000: float,
    spread: float,
    years_back: float,
    growth: float,
) -> FloatArray:
    """A profession's supply at the start of the spin-up.

    Args:
        headcount: Any measure of how many work in each region today, shape (21,); only its differences per
            inhabitant are used.
        population: Inhabitants, shape (21,).
        per_10000: Full-time equivalents in primary care per 10 000 inhabitants of the whole country today.
        spread: 0–1, how much of the regional differences is kept.
        years_back: Years from the start to today.
        growth: Yearly growth over those years.

    Returns:
        Full-time equivalents, shape (21,). At spread 0 the same per inhabitant everywhere.
    """
    density = headcount / population
    relative = (density / (headcount.sum() / population.sum())) ** spread
    weighted = relative * population
    today = weighted / weighted.sum() * per_10000 * population.sum() / 10_000.0
    return np.asarray(today * (1.0 + growth) ** -years_back)
