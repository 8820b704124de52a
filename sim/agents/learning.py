"""Regions that try things and copy each other: what many deciders can do and one cannot.

A region knows its own outcome as counted last year and, late and not always, that of regions it meets in its
healthcare region. It wants a better one. It may copy a part of the rules of a region that does better, or try a small
change of its own and take it back when its outcome got worse. It may do neither in what is decided nationally or
prescribed by a binding standard. Members of a larger region learn as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agents.joint_decisions import partners, seat_of
from sim.rng import Stream, uniform_seed
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.agents.region import Region
    from sim.agents.rule_book import RuleKeeper
    from sim.model import CentralisationModel

_N_REGIONS = 21
#: Steps of keyed draws in one January: whether, which matter, which way.
_WHETHER, _WHICH, _WAY = 0, 1 << 16, 2 << 16


@dataclass(frozen=True)
class Trial:
    """A change that is being tried.

    Attributes:
        matter: What was changed.
        year: First year with the change.
        before: The region's own outcome in the year before it.
        rules: Own rules before, by region index.
    """

    matter: str
    year: int
    before: float
    rules: Mapping[int, Any]


def learn(region: Region, area: str) -> None:
    """One region's January: judge what it tried, then perhaps copy, or else perhaps try something.

    Args:
        region: The region; nothing happens unless it is alone or the seat of its larger region.
        area: Care area.
    """
    model = region.model
    switch = model.areas[area].heterogeneity.region_rules
    if switch <= 0.0 or model.calendar.year < int(model.parameters["learning.from_year"]):
        return
    members = partners(region, area)
    if seat_of(members) is not region:
        return
    lesson = _Lesson(region, area, members, switch)
    desk = region.desks[area]
    if desk.trial is not None:
        lesson.judge()
    elif lesson.free and not lesson.copies():
        lesson.tries()


def felt_outcomes(model: CentralisationModel, area: str, year: int) -> FloatArray | None:
    """The primary outcome as each region sees its own: what was counted, with the luck it would have in full size.

    A sample in which one person stands for many has too much luck for a region's size; damped like what units feel
    (see ``sim.care.frame.felt_luck``). Where luck does not feed back, the expected value.

    Returns:
        Shape (21,), NaN where nobody was counted; None for a year without a record.
    """
    record = next((r for r in reversed(model.records) if r.area == area and r.year == year), None)
    if record is None:
        return None
    name = model.areas[area].primary.id
    expected = np.asarray(record.latent[name], dtype=float)
    if not model.feedback_luck:
        return expected
    top, bottom = (np.asarray(part, dtype=float) for part in record.observed[name])
    counted = np.divide(top, bottom, out=np.full(_N_REGIONS, np.nan), where=bottom > 0.0)
    return np.asarray(expected + (counted - expected) / np.sqrt(model.people[area].weight))


def free_matters(members: list[Region], area: str) -> tuple[str, ...]:
    """Matters in which nobody has decided for the members or prescribed what they must do."""
    taken: set[str] = set()
    for member in members:
        handles, desk = member.handles[area], member.desks[area]
        taken.update(matter for matter in handles.deciders if handles.decided_nationally(matter))
        taken.update(matter for matter, share in handles.moved.items() if share > 0.0)
        taken.update(
            desk.PRESCRIBED[content]
            for content, standard in handles.standards.items()
            if standard.binding and content in desk.PRESCRIBED
        )
        taken.update(desk.PRESCRIBED[name] for name in handles.prices if name in desk.PRESCRIBED)
    return tuple(matter for matter in members[0].desks[area].BOOK.matters if matter not in taken)


def those_it_meets(members: list[Region]) -> list[Region]:
    """Regions that share a healthcare region with any of the members; who lies in two meets both."""
    model = members[0].model
    share = model.data.regions.healthcare_region_share > 0.0
    mine = share[[member.index for member in members]].any(axis=0)
    return [
        other for other in model.regions if other not in members and bool((share[other.index] & mine).any())
    ]


class _Lesson:
    """What one decision maker does in one January; see ``learn``."""

    def __init__(self, region: Region, area: str, members: list[Region], switch: float) -> None:
        self.region = region
        self.area = area
        self.members = members
        self.switch = switch
        self.model = region.model
        self.year = region.model.calendar.year
        self.desk: RuleKeeper = region.desks[area]
        self.free = free_matters(members, area)

    def _value(self, name: str) -> float:
        return float(self.model.parameters[f"learning.{name}"])

    def _luck(self, stream: Stream, step: int, other: int = 0) -> float:
        """Luck of this region, area and January; ``other`` tells the regions it meets apart."""
        identity = (_AREA_NUMBER[self.area] * _N_REGIONS + self.region.index) * _N_REGIONS + other
        month = self.model.calendar.month
        return float(uniform_seed(self.model.seed, stream + step, month, np.array([identity]))[0])

    def _outcome(self, year: int, members: list[Region]) -> float | None:
        """Outcome of some regions together as they see it, by inhabitants; None when unknown."""
        felt = felt_outcomes(self.model, self.area, year)
        if felt is None:
            return None
        people = np.array([member.population for member in members], dtype=float)
        value = float(np.average(felt[[member.index for member in members]], weights=people))
        return value if np.isfinite(value) else None

    def _one_of_the_free(self, stream: Stream) -> str:
        which = int(self._luck(stream, _WHICH) * len(self.free))
        return self.free[min(which, len(self.free) - 1)]

    def _log(self, decision: str, value: float, reason: str) -> None:
        self.model.log_decision(f"region {self.region.code}", self.area, decision, value, reason)

    # -- judging, copying, trying ------------------------------------------------------------------

    def judge(self) -> None:
        """After a whole year with a change: keep it, or take it back when the own outcome got worse."""
        trial: Trial = self.desk.trial
        after = self._outcome(trial.year, self.members)
        if self.year <= trial.year or after is None:
            return
        self.desk.trial = None
        if trial.matter not in self.free:
            return
        if after >= trial.before:
            self._log(
                "keep", after, f"{trial.matter}: own outcome {trial.before:.3f} before, {after:.3f} after"
            )
            return
        for member in self.members:
            if member.index in trial.rules:
                desk = member.desks[self.area]
                desk.home_rules = desk.BOOK.blend(
                    desk.home_rules, trial.rules[member.index], {trial.matter: 1.0}
                )
        self._log(
            "take back", after, f"{trial.matter}: own outcome {trial.before:.3f} before, {after:.3f} after"
        )

    def copies(self) -> bool:
        """Copy part of the rules of the best it has seen, if that one did noticeably better.

        Returns:
            Whether it copied.
        """
        if self._luck(Stream.LEARNING_COPY, _WHETHER) >= self._value("copy_per_year") * self.switch:
            return False
        year = self.year - int(self._value("lag_years"))
        own = self._outcome(year, self.members)
        if own is None:
            return False
        seen = [
            (outcome, other)
            for other in those_it_meets(self.members)
            if self._luck(Stream.LEARNING_SEEN, _WHETHER, other.index) < self._value("share_seen")
            and (outcome := self._outcome(year, [other])) is not None
        ]
        if not seen:
            return False
        best, model_region = max(seen, key=lambda pair: (pair[0], -pair[1].index))
        if best - own < self._value("noticeable_gap"):
            return False
        matter = self._one_of_the_free(Stream.LEARNING_COPY)
        theirs = model_region.desks[self.area].rules_of(year)
        share = self._value("copied_share")
        for member in self.members:
            desk = member.desks[self.area]
            desk.home_rules = desk.BOOK.blend(desk.home_rules, theirs, {matter: share})
        self._log(
            "copy",
            share,
            f"copies {matter} from region {model_region.code}: {best:.3f} against {own:.3f} in {year}",
        )
        return True

    def tries(self) -> None:
        """Try a small change in one matter, up or down, and remember what there was."""
        if self._luck(Stream.LEARNING_TRIAL, _WHETHER) >= self._value("trial_per_year") * self.switch:
            return
        before = self._outcome(self.year - 1, self.members)
        if before is None:
            return
        matter = self._one_of_the_free(Stream.LEARNING_TRIAL)
        step = self._value("trial_step")
        if self._luck(Stream.LEARNING_TRIAL, _WAY) < 0.5:
            step = -step
        old = {}
        for member in self.members:
            desk = member.desks[self.area]
            old[member.index] = desk.home_rules
            desk.home_rules = desk.BOOK.shift(desk.home_rules, matter, step)
        self.desk.trial = Trial(matter, self.year, before, old)
        self._log("try", step, f"tries {matter}: own outcome {before:.3f} so far")


#: Fixed numbers of the areas in the keys of luck, so that leaving an area out of a run moves nobody's luck.
_AREA_NUMBER = {"orphan_drugs": 0, "mental_health": 1, "assistive_devices": 2}
