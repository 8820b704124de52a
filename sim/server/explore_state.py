"""What one reader explores: reforms, how they are run, and what has come of it. No widgets here.

The reforms are kept in the session, so that they survive a restart and everybody with the link sees the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.report.labels import Lang
from sim.scenario.errors import InputError
from sim.scenario.parameters import AREAS
from sim.server.drafts import Draft, free_name
from sim.server.jobs import RunRequest, Update
from sim.server.limits import WORKSHOP_SCALE, LimitReached, Limits
from sim.server.scenario_files import as_yaml, checked, dict_of, text_of
from sim.server.sessions import Sessions
from sim.server.ui_levers import areas_of

#: Numbers of seeds that can be chosen.
SEED_CHOICES: tuple[int, ...] = (1, 3, 5, 10)


@dataclass
class ExploreState:
    """One reader's work in a session.

    Attributes:
        sessions: Where it is kept.
        session_id: The session.
        limits: What may be asked for.
        drafts: The reforms, in order.
        chosen: Place of the reform that is being changed.
        last_year: Last simulated year.
        n_seeds: Number of seeds.
        scale: Name of a scale.
        auto: Whether each change is run at once.
        area: Care area that is shown.
        region: Region that has its own page.
        views: Views of the latest comparison that has any.
        update: Latest news of the comparison.
        asked: Texts of the reforms that were last run.
    """

    sessions: Sessions
    session_id: str
    limits: Limits
    drafts: list[Draft] = field(default_factory=list)
    chosen: int = 0
    last_year: int = 2040
    n_seeds: int = 3
    scale: str = WORKSHOP_SCALE
    auto: bool = True
    area: str = AREAS[1]
    region: str = "25"
    views: Mapping[str, Any] = field(default_factory=dict)
    update: Update | None = None
    asked: tuple[str, ...] = ()
    _kept: dict[str, str] = field(default_factory=dict)

    # -- the session -----------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Take the reforms and the latest settings from the session."""
        session = self.sessions.get(self.session_id)
        if session is None:
            return
        self._kept = dict(session.scenarios)
        self.drafts = []
        for name, text in session.scenarios.items():
            try:
                self.drafts.append(Draft(dict_of(text, name, self.limits)))
            except InputError:
                continue  # a file that an older program kept and this one cannot read
        self.chosen = min(self.chosen, max(0, len(self.drafts) - 1))
        latest = next(reversed(session.requests.values()), None)
        if latest is not None and not self.asked:
            self.last_year = min(int(latest.get("last_year", self.last_year)), self.limits.last_year)
            self.n_seeds = min(int(latest.get("seeds", self.n_seeds)), self.limits.seeds)
            self.scale = str(latest.get("scale", self.scale))

    def save(self) -> None:
        """Keep the reforms in the session.

        Raises:
            LimitReached: The session is full.
        """
        texts = {draft.name: as_yaml(draft.content) for draft in self.drafts}
        for name in [name for name in self._kept if name not in texts]:
            self.sessions.remove_scenario(self.session_id, name)
            self._kept.pop(name)
        for name, text in texts.items():
            if self._kept.get(name) != text:
                self._kept[name] = text
                self.sessions.put_scenario(self.session_id, name, text)

    def is_behind(self) -> bool:
        """Whether somebody else has changed the session's reforms."""
        session = self.sessions.get(self.session_id)
        return session is not None and dict(session.scenarios) != self._kept

    # -- the reforms -----------------------------------------------------------------------------------------------

    @property
    def draft(self) -> Draft | None:
        """The reform that is being changed."""
        return self.drafts[self.chosen] if self.drafts else None

    def add(self, draft: Draft) -> None:
        """Add a reform and go on with it; its name is made one that no other has.

        Raises:
            LimitReached: There are as many as can be compared.
        """
        if len(self.drafts) >= self.limits.reforms:
            raise LimitReached("reforms", self.limits.reforms, len(self.drafts) + 1)
        own = draft.copy()
        own.content["name"] = free_name(
            own.name, {other.name for other in self.drafts} | {"baseline", "today"}
        )
        self.drafts.append(own)
        self.chosen = len(self.drafts) - 1

    def add_file(self, content: bytes, name: str) -> Draft:
        """Add a reform from an uploaded file, which is checked as a whole first.

        Raises:
            LimitReached: The file is too large, or there are too many reforms.
            ScenarioError: It cannot be used, said as on the command line.
        """
        text = text_of(content, name, self.limits)
        scenario = checked(text, name, self.limits)
        draft = Draft(dict_of(text, name, self.limits))
        draft.content.setdefault("name", scenario.name)
        self.add(draft)
        return draft

    def remove(self) -> None:
        """Remove the reform that is being changed."""
        if self.drafts:
            del self.drafts[self.chosen]
            self.chosen = max(0, min(self.chosen, len(self.drafts) - 1))

    # -- the run ---------------------------------------------------------------------------------------------------

    def to_run(self) -> list[Draft]:
        """The reforms that change something, as many as can be compared."""
        return [draft for draft in self.drafts if changes_something(draft)][: self.limits.reforms]

    def look_where_it_acts(self) -> None:
        """Show a care area that the reforms are about, where the one on screen is not among them."""
        touched = [
            area
            for area in AREAS
            if any(area in areas_of(entry.lever_id) for draft in self.to_run() for entry in draft.entries())
        ]
        if touched and self.area not in touched:
            self.area = touched[0]

    def request(self) -> RunRequest | None:
        """What to run; None when no reform changes anything."""
        drafts = self.to_run()
        if not drafts:
            return None
        return RunRequest(
            reforms=tuple(draft.copy().content for draft in drafts),
            scale=self.scale,
            seeds=tuple(range(1, self.n_seeds + 1)),
            last_year=self.last_year,
        )

    def fingerprint(self) -> tuple[str, ...]:
        """What tells a run from another: the texts of the reforms and how they are run."""
        settings = f"{self.scale} {self.n_seeds} {self.last_year}"
        return (settings, *(as_yaml(draft.content) for draft in self.to_run()))

    @property
    def is_running(self) -> bool:
        """Whether a comparison waits or runs."""
        return self.update is not None and self.update.kind in ("queued", "year", "views")


def changes_something(draft: Draft) -> bool:
    """Whether a reform does anything beside today's rules."""
    builds_on = draft.content.get("extends") not in (None, "baseline.yaml", "base.yaml")
    return bool(draft.content.get("levers")) or builds_on or bool(draft.says_more)


def problem_text(error: Exception, lang: Lang) -> str:
    """What is said of an error: in the reader's language where it is the server's own, else as on the command line."""
    return error.said[lang] if isinstance(error, LimitReached) else str(error)
