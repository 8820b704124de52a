"""What the state learns of the care areas, and what it does with it: a late and partial picture, and a receiver.

Follow-up shows specialist care in part, primary care badly and municipal care hardly at all (SOU 2020:36, 12 and 15);
the shares are assumptions. A picture changes nothing until somebody receives it: with analysts at the ministry the
state shares out its own grants by where its picture shows gaps, and keeps or stops an initiative by what it has learnt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import rng
from sim.agents.handles import AREAS
from sim.agents.state_money import PAID_BY_AREA, tilted
from sim.calendar import MONTHS_PER_YEAR, SPIN_UP_START
from sim.rng import Stream
from sim.typing import BoolArray, FloatArray

if TYPE_CHECKING:
    from sim.agents.handles import Grant, NationalFunction
    from sim.agents.state import State

#: A region's share of a grant is at most so many times larger or smaller than without follow-up.
_MOST = 2.0
#: Change of a region's share that goes into the table of decisions.
_TOLD = 0.01
#: Purposes of state money that is no initiative: an agreed part of the cost of all drugs inside the benefit. It follows
#: what the state sees, but one area's results are no reason to start it late or to stop it.
_BUDGET_SUPPORT = ("drugs",)
#: Years that an initiative runs before it is judged, beside the delay of follow-up.
_YEARS_TO_SHOW = 2


def _half_at(amount: float, half: float) -> float:
    """0 for nothing, one half at ``half``, towards 1 for much more: the second analyst adds less than the first."""
    return amount / (amount + half) if amount > 0.0 else 0.0


@dataclass
class Trial:
    """An initiative (a state grant) that is being followed.

    Attributes:
        since: Calendar year in which the state began to follow it.
        before: What it saw then, by region, or None without a baseline.
        staged: Regions that got it first, or None where all got it at once.
        staged_until: First calendar year in which all get it.
        kept: Share of it that is still paid.
    """

    since: int
    before: FloatArray | None
    staged: BoolArray | None = None
    staged_until: int = 0
    kept: float = 1.0


class FollowUp:
    """The state's own learning.

    It knows what follow-up has shown it, years late and in part; wants its grants to go where care is worst, and to
    work; may share out its own money as it likes within the purpose; must treat regions that look alike to it alike.

    Attributes:
        shared: How far shared data have been built up, 0–1, by area.
        gaps: By area: how far each region is seen below the nation, as a share of the nation, shape (21,).
        tilts: By area: factor on each region's share of state grants, or None when nobody acts.
        trials: By area and label: initiatives that are followed.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.shared = dict.fromkeys(AREAS, 0.0)
        self.gaps: dict[str, FloatArray] = {}
        self.tilts: dict[str, FloatArray] = {}
        self.trials: dict[tuple[str, str], Trial] = {}

    # -- reading ---------------------------------------------------------------------------------------------

    def _value(self, name: str) -> Any:
        return self.state.model.parameters[f"knowledge.{name}"]

    def _function(self, area: str, name: str) -> NationalFunction | None:
        return self.state.handles[area].functions.get(name)

    def tilt(self, area: str) -> FloatArray | None:
        """Factor on each region's share of a state grant, or None when the state does not redirect."""
        return self.tilts.get(area)

    def coverage(self, area: str) -> float:
        """Share of the area's outcome that the state sees.

        More staff sees more of what there are data for; what there are no data for only shared data can show.
        """
        seen = float(self._value(f"outcomes_seen_{area}"))
        access = max(float(self._value(f"data_access_{area}")), seen)
        sharing = self._function(area, "data_sharing")
        if sharing is not None:
            access += self.shared[area] * max(float(sharing.terms["coverage"]) - access, 0.0)
        group = self._function(area, "needs_follow_up")
        if group is not None:
            wanted = max(float(group.terms["coverage"]), seen)
            staff = _half_at(float(group.terms["fte"]), float(self._value("staff_for_half_picture")))
            seen += staff * (min(wanted, access) - seen)
        return seen

    def lag_years(self, area: str) -> int:
        """Whole years from the end of a year until its results can be read."""
        months = float(self._value("follow_up_lag_months"))
        for name in ("needs_follow_up", "initiative_follow_up"):
            function = self._function(area, name)
            if function is not None:
                months = min(months, function.decision_months)
        sharing = self._function(area, "data_sharing")
        if sharing is not None:
            months += self.shared[area] * min(sharing.decision_months - months, 0.0)
        return int(-(-months // MONTHS_PER_YEAR))

    def readiness(self, area: str) -> float:
        """Share of what follow-up shows that somebody turns into a decision, 0–1."""
        analysis = self._function(area, "analysis")
        staff = float(self._value("analysts_today"))
        if analysis is not None:
            staff += float(analysis.terms["fte"])
        return _half_at(staff, float(self._value("analysts_for_half")))

    def results(self, area: str) -> FloatArray | None:
        """The newest yearly results that can be read, by region (as a register adjusted for need shows them)."""
        model = self.state.model
        year = model.calendar.year - 1 - self.lag_years(area)
        primary = model.areas[area].primary.id
        for record in reversed(model.records):
            if record.area == area and record.year == year:
                return np.asarray(record.latent[primary])
        return None

    # -- the year --------------------------------------------------------------------------------------------

    def january(self) -> None:
        """Look, and act as far as there is somebody to act; pay those who do it."""
        for area in self.state.model.areas:
            self._build_data(area)
            self._look_and_redirect(area)
            self._judge_initiatives(area)

    def pay(self, area: str) -> None:
        """The staff of state functions that have a cost, by inhabitants; not what the area pays for itself."""
        model = self.state.model
        people = np.array([region.population for region in model.regions], dtype=float)
        for name, function in self.state.handles[area].functions.items():
            msek = float(function.terms.get("annual_msek", 0.0))
            if msek > 0.0 and not name.startswith(PAID_BY_AREA):
                amount = 1e6 * msek * people / people.sum()
                model.areas[area].books.pay("state", "care", name.replace("_", " "), amount)

    def _build_data(self, area: str) -> None:
        sharing = self._function(area, "data_sharing")
        goal = 0.0 if sharing is None else float(sharing.terms["share"])
        self.shared[area] += (goal - self.shared[area]) / float(self._value("data_build_years"))

    def _look_and_redirect(self, area: str) -> None:
        had = self.tilts.pop(area, None)
        ready, values = self.readiness(area), self.results(area)
        if values is None:
            return
        model = self.state.model
        people = np.array([region.population for region in model.regions], dtype=float)
        nation = float(values @ people / people.sum())
        if nation <= 0.0:
            return
        self.gaps[area] = self.coverage(area) * (1.0 - values / nation)
        strength = float(self._value("redirect_strength")) * ready
        if strength <= 0.0 or not any(map(_pays, self.state.handles[area].money)):
            return  # nobody to act, or no money to move
        tilt = np.clip(np.exp(strength * self.gaps[area]), 1.0 / _MOST, _MOST)
        tilt *= people.sum() / float(tilt @ people)
        self.tilts[area] = tilt
        change = np.abs(tilt - (np.ones(len(tilt)) if had is None else had)).max()
        if change > _TOLD:
            most = int(np.argmax(tilt))
            model.log_decision(
                "state", area, "redirects its grants", float(tilt[most]),
                f"most to region {model.regions[most].code}, seen {self.gaps[area][most]:.1%} below the nation",
            )  # fmt: skip

    # -- initiatives -----------------------------------------------------------------------------------------

    def directed(self, area: str, grant: Grant, parts: FloatArray, total: float) -> FloatArray:
        """What each region is paid of a state grant: more where gaps are seen, nothing yet where it has to wait.

        What a grant that is staged or cut down does not pay stays with the state.

        Args:
            area: Care area.
            grant: The grant; one that starts within the year is met here first.
            parts: Each region's part by the grant's own rule.
            total: What they sum to; redirecting them keeps it.
        """
        name = _name(grant)
        if (area, name) not in self.trials and total > 0.0:
            self._meet(area, name)
        tilt, paid = self.tilt(area), self.share_paid(area, grant)
        if tilt is not None:
            parts = total * tilted(parts, tilt)
        return parts if paid is None else parts * paid

    def share_paid(self, area: str, grant: Grant) -> FloatArray | None:
        """Share of a state grant that each region is paid this year, or None when all of it is."""
        trial = self.trials.get((area, _name(grant)))
        if trial is None or (trial.kept >= 1.0 and trial.staged is None):
            return None
        paid = np.full(len(self.state.model.regions), trial.kept)
        if trial.staged is not None and self.state.model.calendar.year < trial.staged_until:
            paid[~trial.staged] = 0.0
        return paid

    def _judge_initiatives(self, area: str) -> None:
        year = self.state.model.calendar.year
        follows = self._function(area, "initiative_follow_up")
        names = {
            _name(grant)
            for grant in self.state.handles[area].money
            if grant.purpose not in _BUDGET_SUPPORT and _pays(grant)
        }
        for gone in [key for key in self.trials if key[0] == area and key[1] not in names]:
            del self.trials[gone]
        for name in sorted(names):
            trial = self.trials.get((area, name))
            if trial is None:
                self._meet(area, name)
            elif follows is not None and follows.terms["fte"] > 0.0:
                if trial.before is None and trial.staged is None:
                    self.trials[area, name] = Trial(year, self.results(area))
                elif year >= max(trial.since, trial.staged_until) + self.lag_years(area) + _YEARS_TO_SHOW:
                    self._judge(area, name, trial)
            elif trial.kept < 1.0:
                trial.kept = 1.0

    def _meet(self, area: str, name: str) -> None:
        """Begin to follow a grant; one that is new starts as reforms are to start today."""
        year, seen = self.state.model.calendar.year, self.results(area)
        design = self._function(area, "staged_reforms") if year > SPIN_UP_START else None
        if design is None:
            self.trials[area, name] = Trial(year, seen)
            return
        regions = np.arange(len(self.state.model.regions))
        # Some always start: with nobody first there would be nothing to learn from.
        waiting = min(round(float(design.terms["staged_regions"]) * len(regions)), len(regions) - 1)
        before = seen if design.terms["baseline"] else None
        if waiting == 0:
            self.trials[area, name] = Trial(year, before)
            return
        u = rng.uniform_draw(self.state.model.draw, Stream.REFORM_STAGE, AREAS.index(area), regions)
        until = year + int(design.terms["years"])
        self.trials[area, name] = Trial(year, before, np.argsort(np.argsort(u)) >= waiting, until)
        self.state.model.log_decision(
            "state", area, "starts a reform in some regions first", waiting / len(regions),
            f"{name}: to learn from it, the others wait until {until}",
        )  # fmt: skip

    def learnt(self, area: str, trial: Trial) -> float | None:
        """What the state thinks that an initiative has done to the outcome, as a share of patients; None if unknown.

        With regions that waited it compares the two groups' change (their levels, without a baseline); otherwise it
        takes all change since the start for the effect, and cannot tell it from what would have happened anyway.
        """
        now = self.results(area)
        if now is None or self.coverage(area) < float(self._value("enough_to_judge")):
            return None
        people = np.array([region.population for region in self.state.model.regions], dtype=float)
        change = now if trial.before is None else now - trial.before
        if trial.staged is not None:
            first, later = trial.staged, ~trial.staged
            return float(np.average(change[first], weights=people[first])
                         - np.average(change[later], weights=people[later]))  # fmt: skip
        return None if trial.before is None else float(np.average(change, weights=people))

    def _judge(self, area: str, name: str, trial: Trial) -> None:
        ready = self.readiness(area)
        effect = self.learnt(area, trial)
        if ready <= 0.0 or effect is None:
            return
        useful = effect >= float(self._value("useful_change"))
        kept = 1.0 if useful else 1.0 - ready * float(self._value("share_stopped"))
        self.state.model.log_decision(
            "state",
            area,
            f"{'keeps' if useful else 'cuts down'} {name}",
            kept,
            f"learnt effect {100.0 * effect:+.1f} points",
        )
        self.trials[area, name] = Trial(self.state.model.calendar.year, self.results(area), kept=kept)


def _name(grant: Grant) -> str:
    return grant.label or grant.purpose


def _pays(grant: Grant) -> bool:
    """Whether there is money behind a grant, today or in some agreed year."""
    return max([grant.annual_msek, *grant.terms.get("by_year", {}).values()]) > 0.0
