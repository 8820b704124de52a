"""The calibration of one care area, stage by stage: screening, information, waves, posterior, check.

Written as a job of ``sim.experiment.work``: it asks for worlds and goes on when they are there, so finished worlds of
an interrupted calibration are used again and several areas share the processes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sim.experiment.calibration import identify
from sim.experiment.calibration.emulate import (
    Emulator,
    HeldOut,
    RuledOutError,
    fit_all,
    hold_out,
    implausibility,
    not_ruled_out,
)
from sim.experiment.calibration.identify import SIDES, Information, information
from sim.experiment.calibration.places import places_of_draws, spread_out, thinned, world_at
from sim.experiment.calibration.posterior import (
    ROWS,
    Foreseen,
    Posterior,
    Verdict,
    judge,
    medoid,
    posterior_of,
)
from sim.experiment.calibration.targets import FITTED, Target, load_targets
from sim.experiment.calibration.world import FIRST_DRAW, World, simulated, unknown_parameters
from sim.experiment.work import Record
from sim.typing import FloatArray

#: Places looked at for what is not ruled out.
LOOKED_AT = 10_000
PAIRED_DRAWS = 3
_PAIRS, _CHECK = 900, 9000


@dataclass(frozen=True)
class Plan:
    """How much is computed.

    Attributes:
        first: Worlds of the first wave, everything drawn from its range.
        waves: Waves after it; 0 stops after the table of what can be identified.
        runs: Worlds of each later wave.
        check: Worlds at places of the posterior sample.
        seed: For designs.
    """

    first: int = 120
    waves: int = 2
    runs: int = 60
    check: int = 40
    seed: int = 1

    def worlds(self) -> int:
        """Worlds of one area, at most."""
        pairs = 2 * PAIRED_DRAWS * identify.MOST
        return self.first + pairs + self.waves * self.runs + (self.check if self.waves else 0)


@dataclass
class Wave:
    """One wave.

    Attributes:
        number: 0 is the first.
        places: Where its worlds were, shape (worlds, parameters).
        outputs: Their figures, fitted ones, shape (worlds, figures).
        possible: Share of the whole range not ruled out after it.
    """

    number: int
    places: FloatArray
    outputs: FloatArray
    possible: float


@dataclass
class AreaResult:
    """What calibration says of one care area.

    Attributes:
        area: Care area.
        targets: Fitted and held-out figures.
        screening: Table of ``identify.screen``.
        information: What the figures can say.
        parameters: Screened parameters, in the order of all arrays.
        waves: The waves.
        emulators: Of the fitted figures, after the last wave.
        held_out_worlds: How emulators do on worlds that they have not seen, one a fitted figure.
        posterior: Weighted places.
        without: Fitted figure → posterior standard deviations relative to the prior's when it is left out.
        verdicts: What of it holds up.
        sample: Joint rows of places, shape (rows, parameters).
        central: Number of the row that is nearest to all others.
        prior_records: Records of the first wave.
        check_records: Records of worlds at rows of the sample, where what is not kept is as open as before.
    """

    area: str
    targets: tuple[Target, ...]
    screening: pd.DataFrame
    information: Information | None
    parameters: tuple[str, ...]
    waves: list[Wave] = field(default_factory=list)
    emulators: list[Emulator] = field(default_factory=list)
    held_out_worlds: list[HeldOut] = field(default_factory=list)
    posterior: Posterior | None = None
    without: dict[str, FloatArray] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    sample: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    central: int = 0
    prior_records: list[Record] = field(default_factory=list)
    check_records: list[Record] = field(default_factory=list)

    @property
    def fitted(self) -> tuple[Target, ...]:
        """The fitted figures, on the scale they are compared on."""
        return tuple(t.fitting() for t in self.targets if t.tag == FITTED)

    @property
    def kept(self) -> list[str]:
        """Parameters that draws take from the sample."""
        return [v.parameter for v in self.verdicts if v.kept]


def figures(records: Sequence[Record], targets: Sequence[Target]) -> FloatArray:
    """What worlds say of figures, shape (worlds, figures)."""
    return np.array([[simulated(record, target) for target in targets] for record in records])


def area_job(
    area: str, plan: Plan, told: Callable[[AreaResult, str], None]
) -> Generator[Sequence[World], list[Record], AreaResult]:
    """Calibrate one area.

    Args:
        area: Care area with fitted figures.
        plan: How much is computed.
        told: Called with what is known after each stage, so that evidence is written as it comes.
    """
    targets = load_targets(area=area)
    fitted = [t.fitting() for t in targets if t.tag == FITTED]
    unknown = unknown_parameters(area)
    draws = [FIRST_DRAW + i for i in range(plan.first)]
    prior = yield [World(area, (), draw, 1 + i) for i, draw in enumerate(draws)]
    outputs = figures(prior, fitted)
    screening = identify.screen(unknown, places_of_draws(unknown, draws), outputs, fitted)
    chosen = tuple(str(name) for name in screening.loc[screening["chosen"], "parameter"])
    result = AreaResult(area, targets, screening, None, chosen, prior_records=prior)
    if not chosen:
        told(result, "screened")
        return result
    places = places_of_draws(chosen, draws)
    result.waves.append(Wave(0, places, outputs, float("nan")))
    result.emulators = fit_all(places, outputs)
    result.information = yield from _local_information(area, chosen, fitted, result.emulators)
    told(result, "identifiability")
    if plan.waves:
        yield from _waves(result, plan, told)
        _conclude(result, plan)
        told(result, "posterior")
        kept = [chosen.index(name) for name in result.kept]
        worlds = [
            world_at(area, result.kept, result.sample[i, kept], FIRST_DRAW + _CHECK + i, 1 + i)
            for i in range(min(plan.check, len(result.sample)))
        ]
        result.check_records = yield worlds
        told(result, "checked")
    return result


def _local_information(
    area: str, chosen: Sequence[str], fitted: Sequence[Target], emulators: Sequence[Emulator]
) -> Generator[Sequence[World], list[Record], Information]:
    """Paired worlds on both sides of the middle of each screened parameter."""
    worlds = [
        world_at(area, (name,), (side,), FIRST_DRAW + _PAIRS + d, 1 + d)
        for name in chosen
        for d in range(PAIRED_DRAWS)
        for side in SIDES
    ]
    records = yield worlds
    values = figures(records, fitted).reshape(len(chosen), PAIRED_DRAWS, 2, len(fitted))
    noise = np.array([e.noise_sd for e in emulators])
    return information(chosen, fitted, values[:, :, 0], values[:, :, 1], noise)


def _waves(
    result: AreaResult, plan: Plan, told: Callable[[AreaResult, str], None]
) -> Generator[Sequence[World], list[Record], None]:
    fitted, chosen = list(result.fitted), result.parameters
    for number in range(1, plan.waves + 1):
        look = spread_out(LOOKED_AT, len(chosen), plan.seed + number)
        open_ = not_ruled_out(result.emulators, fitted, look)
        result.waves[-1].possible = float(open_.mean())
        if not open_.any():
            raise RuledOutError(result.area)
        design = thinned(look[open_], plan.runs, plan.seed + number)
        worlds = [
            world_at(result.area, chosen, place, FIRST_DRAW + 1000 * number + i, 1 + i)
            for i, place in enumerate(design)
        ]
        records = yield worlds
        result.waves.append(Wave(number, design, figures(records, fitted), float("nan")))
        result.emulators = fit_all(*_together(result.waves))
        told(result, f"wave {number}")
    look = spread_out(LOOKED_AT, len(chosen), plan.seed)
    result.waves[-1].possible = float(not_ruled_out(result.emulators, fitted, look).mean())


def _together(waves: Sequence[Wave]) -> tuple[FloatArray, FloatArray]:
    return np.concatenate([w.places for w in waves]), np.concatenate([w.outputs for w in waves])


def _conclude(result: AreaResult, plan: Plan) -> None:
    """Hold-out diagnostics, the posterior, what of it holds up, and what each figure contributes."""
    fitted = list(result.fitted)
    places, outputs = _together(result.waves)
    result.held_out_worlds = [hold_out(places, outputs[:, j]) for j in range(len(fitted))]
    foreseen = Foreseen.by(result.emulators, places, outputs, plan.seed)
    result.posterior = posterior_of(foreseen, fitted)
    for j, target in enumerate(fitted):
        rest = [i for i in range(len(fitted)) if i != j]
        result.without[target.id] = posterior_of(foreseen, fitted, rest).sd_ratio
    result.verdicts = judge(
        result.parameters, result.posterior, fitted, places, outputs, plan.seed, result.without
    )
    result.sample = result.posterior.sample(ROWS, plan.seed)
    columns = [result.parameters.index(name) for name in result.kept] or list(range(len(result.parameters)))
    rows = result.sample[:, columns]
    result.central = medoid(rows, np.maximum(rows.std(axis=0), 1e-9))


def worst_implausibility(result: AreaResult, places: FloatArray) -> FloatArray:
    """The largest implausibility over the fitted figures, shape (places,)."""
    return np.asarray(implausibility(result.emulators, list(result.fitted), places).max(axis=1))
