"""What a primary-care centre makes of waits, practice and results that are stated or shown to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.agents.following import how_far, reported, shown_late

if TYPE_CHECKING:
    from sim.agents.primary_care_centre import PrimaryCareCentre
    from sim.care.mental_health.facts import YearFacts

AREA = "mental_health"
_DAYS_PER_MONTH = 30.4
_LONGEST_WAITS = ("longest_wait_to_assessment", "longest_wait_to_treatment")


def mind_longest_waits(centre: PrimaryCareCentre, accounts: Any, facts: YearFacts) -> None:
    """Where a longest wait is stated beside the care guarantee, keep the stricter of the two.

    It knows its own waits and hours; it wants both visits and treatments in time; it moves hours to what is counted,
    which the other then lacks.
    """
    standards = centre.handles[AREA].standards
    if standards.keys().isdisjoint(_LONGEST_WAITS):
        return
    i = centre.index
    for content, days, push, waits in (
        (_LONGEST_WAITS[0], accounts.guarantee_days, accounts.push_assessment, accounts.wait_assessment),
        (_LONGEST_WAITS[1], accounts.treatment_days, accounts.push_treatment, accounts.wait_treatment),
    ):
        told = standards.get(content)
        if told is None:
            continue
        stated = float(told.value)
        way = how_far(centre, AREA, content, told, float(waits[i]) * _DAYS_PER_MONTH, stated)
        days[i] = stated if days[i] <= 0.0 else min(days[i], stated)
        push[i] = max(push[i], way * facts.guarantee_move)


def mind_counted_professions(centre: PrimaryCareCentre, accounts: Any, professions: tuple[str, ...]) -> None:
    """Where a longest wait names whose contacts count, first visits are kept to them as far as it is followed."""
    told = centre.handles[AREA].standards.get("counted_professions")
    if told is None:
        return
    i = centre.index
    way = how_far(centre, AREA, "counted_professions", told, 0.0, 1.0)
    if way > accounts.bound[i]:
        accounts.bound[i] = way
        accounts.counted[i] = [float(name in told.value) for name in professions]


def learn_practice(centre: PrimaryCareCentre, accounts: Any, facts: YearFacts) -> None:
    """Decide how far practice moves towards the guidelines because it is stated, or own results are shown.

    It knows what share of those it assessed were offered recommended treatment, as late as it is shown; it wants to
    practise well; what it is told moves it only as far as it follows, and reporting takes patients' hours.
    """
    i = centre.index
    handles = centre.handles[AREA]
    own = facts.offered[i]
    centre.results.append(own)
    away = 0.0
    for content in ("treatment_law", "treatment_norm"):
        told = handles.standards.get(content)
        if told is not None and float(told.value) > own:
            away = max(away, how_far(centre, AREA, content, told, own, float(told.value)))
    stated = away * facts.stated_practice_effect
    result = shown_late(centre.results, handles)
    shown = 0.0
    if result is not None:
        shown = facts.shown_results_effect * handles.feedback[0] * (1.0 - result)
    accounts.taught[i] = 1.0 - (1.0 - stated) * (1.0 - shown)
    accounts.away[i] = min(accounts.away[i] + facts.reporting_hours * reported(handles), 1.0)
