"""A posterior sample on the emulators, which of it holds up, and the values that draws take from it.

The likelihood is normal: each figure differs from the emulator by its own uncertainty, by what it may mean otherwise,
and by everything that is not calibrated. That last part is common to figures (a region's own facts move its value and
the country's together), so its covariance over the emulators' residuals is used. Prior draws that history matching has
not ruled out are weighted by it, and the sample is taken from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiment.calibration.emulate import CUT_OFF, Emulator, RuledOutError, fit_all
from sim.experiment.calibration.places import PRIOR_SD, spread_out
from sim.experiment.calibration.targets import Target
from sim.typing import FloatArray

#: Prior places that are weighted, and rows that are kept.
CANDIDATES = 20_000
ROWS = 400
#: A parameter is narrowed when its standard deviation falls at least to this share of the prior's: with all worlds, and
#: with each half of them.
NARROWED = 0.85
#: A figure less must widen it, but without any one region's figure it must still be narrowed to this share: a region
#: may have reasons of its own.
WITHOUT_A_REGION = 0.9
#: Halves must agree on where it is: their means differ by at most this many posterior standard deviations.
AGREED = 1.0
#: A parameter that is not narrowed itself is kept with those that are when it is tied to one of them this strongly.
TIED = 0.3


@dataclass(frozen=True)
class Posterior:
    """Places weighted by how well they agree with the fitted figures.

    Attributes:
        places: Prior places that are not ruled out, shape (n, parameters).
        weights: Their weights, sum 1.
        effective: Number of independent places that the weights are worth.
        possible: Share of the prior that is not ruled out.
    """

    places: FloatArray
    weights: FloatArray
    effective: float
    possible: float

    @property
    def mean(self) -> FloatArray:
        """Means, shape (parameters,)."""
        return np.asarray(self.weights @ self.places)

    @property
    def covariance(self) -> FloatArray:
        """Covariance, shape (parameters, parameters)."""
        off = self.places - self.mean
        return np.asarray(off.T @ (off * self.weights[:, None]))

    @property
    def sd_ratio(self) -> FloatArray:
        """Standard deviations relative to the prior's."""
        return np.asarray(np.sqrt(np.diag(self.covariance)) / PRIOR_SD)

    def sample(self, n: int, seed: int) -> FloatArray:
        """Rows in random order, taken at even steps of the cumulated weights."""
        generator = np.random.default_rng(seed)
        ends = np.cumsum(self.weights)
        rows = np.searchsorted(ends / ends[-1], (np.arange(n) + generator.random()) / n)
        return self.places[generator.permutation(np.minimum(rows, len(self.places) - 1))]


@dataclass(frozen=True)
class Foreseen:
    """What the emulators foresee at prior places, looked up once and used for every question.

    Attributes:
        candidates: The places, shape (n, parameters).
        mean: Foreseen figures there, shape (n, figures).
        sd: How sure the emulators are, same shape.
        noise: Covariance of single worlds round the emulators, shape (figures, figures).
    """

    candidates: FloatArray
    mean: FloatArray
    sd: FloatArray
    noise: FloatArray

    @classmethod
    def by(
        cls, emulators: Sequence[Emulator], places: FloatArray, outputs: FloatArray, seed: int
    ) -> Foreseen:
        """Look at prior places.

        Args:
            emulators: One a figure.
            places: Worlds that they were fitted to, shape (worlds, parameters).
            outputs: Their figures, shape (worlds, figures).
            seed: For the prior places.
        """
        candidates = spread_out(CANDIDATES, places.shape[1], seed)
        means, sds = zip(*(e.at(candidates) for e in emulators), strict=True)
        residual = np.stack([outputs[:, j] - e.at(places)[0] for j, e in enumerate(emulators)], axis=1)
        noise = np.atleast_2d(np.cov(residual.T))
        return cls(candidates, np.stack(means, axis=1), np.stack(sds, axis=1), noise)


def posterior_of(
    foreseen: Foreseen, targets: Sequence[Target], only: Sequence[int] | None = None
) -> Posterior:
    """Weight prior places by the fitted figures.

    Args:
        foreseen: What the emulators foresee.
        targets: The fitted figures.
        only: Use only these figures, by number; all by default.

    Raises:
        RuledOutError: Every place is ruled out.
    """
    chosen = list(range(len(targets))) if only is None else list(only)
    off = foreseen.mean[:, chosen] - np.array([targets[j].value for j in chosen])
    noise = foreseen.noise[np.ix_(chosen, chosen)]
    own = np.array([targets[j].allowed_sd ** 2 for j in chosen])
    sd2 = foreseen.sd[:, chosen] ** 2
    open_ = (np.abs(off) / np.sqrt(sd2 + own + np.diag(noise))).max(axis=1) <= CUT_OFF
    if not open_.any():
        raise RuledOutError(targets[0].area)
    total = noise + np.diag(own + sd2[open_].mean(axis=0))
    log = -0.5 * np.einsum("ij,jk,ik->i", off[open_], np.linalg.inv(total), off[open_])
    weights = np.exp(log - log.max())
    weights /= weights.sum()
    return Posterior(
        foreseen.candidates[open_], weights, float(1.0 / (weights**2).sum()), float(open_.mean())
    )


@dataclass(frozen=True)
class Verdict:
    """Whether the narrowing of one parameter holds up.

    Attributes:
        parameter: Its id.
        sd_ratio: Posterior over prior standard deviation, all worlds.
        half_ratios: The same from each half of the worlds.
        disagreement: Distance between the halves' means in posterior standard deviations.
        without_a_region: The largest ratio when any one region's figure is left out.
        narrowed: Whether it is narrowed by the rules.
        kept: Whether draws take it from the sample.
        why: In words.
    """

    parameter: str
    sd_ratio: float
    half_ratios: tuple[float, float]
    disagreement: float
    without_a_region: float
    narrowed: bool
    kept: bool
    why: str


def judge(
    parameters: Sequence[str],
    whole: Posterior,
    targets: Sequence[Target],
    places: FloatArray,
    outputs: FloatArray,
    seed: int,
    without: Mapping[str, FloatArray],
) -> list[Verdict]:
    """What of the posterior holds up when each half of the worlds speaks alone, and without any one region.

    Args:
        parameters: Their ids.
        whole: The posterior from all worlds and figures.
        targets: The fitted figures.
        places: All worlds' places, shape (worlds, parameters).
        outputs: Their figures, shape (worlds, figures).
        seed: Which worlds are in which half.
        without: Figure → ratios of standard deviations when it is left out.
    """
    order = np.random.default_rng(seed).permutation(len(places))
    halves = []
    for part in (order[::2], order[1::2]):
        emulators = fit_all(places[part], outputs[part])
        halves.append(posterior_of(Foreseen.by(emulators, places[part], outputs[part], seed), targets))
    sd = np.sqrt(np.diag(whole.covariance))
    apart = np.abs(halves[0].mean - halves[1].mean) / sd
    regional = [without[t.id] for t in targets if t.regions != ("00",) and t.id in without]
    least = np.max([whole.sd_ratio, *regional], axis=0)
    tests = [
        (whole.sd_ratio <= NARROWED, "the figures leave it as open as its range"),
        (
            np.maximum(halves[0].sd_ratio, halves[1].sd_ratio) <= NARROWED,
            "narrowed, but not by each half of the worlds",
        ),
        (apart <= AGREED, "narrowed, but the halves of the worlds put it in different places"),
        (least <= WITHOUT_A_REGION, "narrowed, but only by one region's figure"),
    ]
    narrowed = np.all([passed for passed, _ in tests], axis=0)
    ties = np.abs(whole.covariance / np.outer(sd, sd))
    found = []
    for i, name in enumerate(parameters):
        tied = [parameters[int(j)] for j in np.flatnonzero(narrowed) if j != i and ties[i, j] >= TIED]
        why = next((words for passed, words in tests if not passed[i]), "narrowed")
        if tied and not narrowed[i]:
            why += f"; kept because it is tied to {', '.join(tied)}"
        found.append(
            Verdict(
                name, float(whole.sd_ratio[i]), (float(halves[0].sd_ratio[i]), float(halves[1].sd_ratio[i])),
                float(apart[i]), float(least[i]), bool(narrowed[i]), bool(narrowed[i] or tied), why,
            )
        )  # fmt: skip
    return found


def medoid(rows: FloatArray, sd: FloatArray) -> int:
    """The row that is nearest to all others, distances in standard deviations."""
    scaled = rows / sd
    distance = np.linalg.norm(scaled[:, None, :] - scaled[None, :, :], axis=2).sum(axis=1)
    return int(distance.argmin())
