"""The model from Python: load a scenario, run it, compare it, and get pandas tables with their data dictionary.

>>> import sim
>>> study = sim.load("scenarios/baseline.yaml", sets=["scale.mental_health=0.02"], years=5)
>>> results = study.run(seeds=2)                                    # doctest: +SKIP
>>> results["inequality"].query("measure == 'sd'").head()           # doctest: +SKIP
>>> change = study.compare("scenarios/orphan_fund.yaml", seeds=2)   # doctest: +SKIP
>>> change.meaning("levelling")                                     # doctest: +SKIP

Results are those of the command, bit for bit: ``run_sim.py run`` with the same scenario, draw and seeds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.experiment.results_folder import ResultsFolder, open_results
from sim.scenario.errors import InputError, Problem
from sim.scenario.loader import load_scenario

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

#: Called with the work done, all work, and where it is.
Progress = Callable[[int, int, str], None]


def load(path: str | Path, *, sets: Sequence[str] = (), years: int | None = None) -> Study:
    """Load and check a scenario file.

    Args:
        path: The file.
        sets: Changes as on the command line, such as ``"levers.orphan_earmarked_fund.annual_budget_msek=900"``.
        years: Only the first so many years of the horizon.

    Raises:
        ScenarioError: Something in the file or the changes cannot be used; the message says where and what is allowed.
    """
    return Study(load_scenario(Path(path), list(sets), years=years))


def read(folder: str | Path) -> Results:
    """Open a results folder that a command or ``Study`` has written.

    Raises:
        InputError: It is no results folder.
    """
    return Results(open_results(Path(folder)))


class Study:
    """A scenario that can be run and compared. Immutable: every method gives something new.

    Args:
        scenario: The checked scenario.

    Attributes:
        scenario: The checked scenario.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def __repr__(self) -> str:
        start, end = self.scenario.horizon
        return f"<Study {self.scenario.name} {start}-{end}, {len(self.scenario.levers)} levers>"

    def run(
        self,
        *,
        seeds: int | Sequence[int] | None = None,
        draw: int = 0,
        workers: int = 1,
        out: str | Path | None = None,
        force: bool = False,
        monthly: bool = False,
        progress: Progress | None = None,
    ) -> Results:
        """Simulate the scenario.

        Args:
            seeds: Number of seeds, or the seeds themselves; the scenario's own by default.
            draw: Which set of unknown facts; 0 = every parameter's central value.
            workers: Processes.
            out: Results folder; by default a temporary one that goes with the object.
            force: Replace what is there.
            monthly: Whether to make the table ``monthly`` too.
            progress: Told as the run goes on.

        Raises:
            ResultsExistError: The folder exists and ``force`` is false.
        """
        from sim.experiment.run import run_scenario  # noqa: PLC0415 - it compiles the model

        scenario = self._seeded(seeds)
        years = scenario.horizon.end - scenario.horizon.start + 1
        done: dict[int, int] = {}

        def told(seed: int, year: int, last: int) -> None:
            done[seed] = year - scenario.horizon.start + 1
            if progress is not None:
                progress(
                    sum(done.values()), years * len(scenario.seeds), f"seed {seed} is at {year} of {last}"
                )

        keep, target = _place(out)
        run_scenario(
            scenario, draw=draw, out=target, workers=workers, force=force, progress=told, monthly=monthly
        )
        return Results(open_results(target), keep)

    def compare(  # noqa: PLR0913
        self,
        *reforms: Study | str | Path,
        seeds: int | Sequence[int] | None = None,
        draw: int = 0,
        draws: int | Sequence[int] = (),
        assumptions: bool = False,
        structures: bool = False,
        workers: int = 1,
        out: str | Path | None = None,
        force: bool = False,
        progress: Progress | None = None,
    ) -> Results:
        """Compare reforms with this scenario, on the same people with the same luck.

        Args:
            *reforms: Studies, or scenario files; files take this scenario's years and scale.
            seeds: Number of seeds, or the seeds themselves; this scenario's own by default.
            draw: Which set of unknown facts.
            draws: Number of draws, or the draws themselves, over which the effect is told too (``uncertainty``).
            assumptions: Whether to tell what share of the variance over draws rests on assumed numbers.
            structures: Whether to tell the effect under other credible rules of the agents too.
            workers: Processes.
            out: Results folder; by default a temporary one that goes with the object.
            force: Replace what is there.
            progress: Told as the runs go on.

        Raises:
            ComparisonError: The scenarios cannot be paired.
            InputError: No seeds, or assumptions asked for with fewer than two draws.
            ResultsExistError: The folder exists and ``force`` is false.
        """
        # Both compile the model.
        from sim.experiment.compare import check_comparable, run_compare  # noqa: PLC0415
        from sim.experiment.compare_draws import further_worlds, run_worlds  # noqa: PLC0415

        base = self._seeded(seeds)
        others = [self._beside(reform).replace(seeds=base.seeds) for reform in reforms]
        check_comparable(base, others)
        worlds = further_worlds(
            _draws(draws, assumptions), draw=draw, assumptions=assumptions, structures=structures
        )
        further = None
        if worlds:
            further = run_worlds(base, others, worlds, seeds=base.seeds, workers=workers, progress=progress)
        keep, target = _place(out)
        run_compare(
            base,
            others,
            draw=draw,
            out=target,
            workers=workers,
            force=force,
            progress=progress,
            further=further,
        )
        return Results(open_results(target), keep)

    def _beside(self, reform: Study | str | Path) -> Scenario:
        if isinstance(reform, Study):
            return reform.scenario
        loaded = load_scenario(Path(reform))
        return loaded.replace(horizon=self.scenario.horizon, scale=self.scenario.scale)

    def _seeded(self, seeds: int | Sequence[int] | None) -> Scenario:
        if seeds is None:
            return self.scenario
        chosen = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(int(seed) for seed in seeds)
        if not chosen or len(set(chosen)) < len(chosen) or min(chosen) < 0:
            raise InputError(
                Problem(
                    "these are no seeds",
                    "seeds",
                    value=str(seeds),
                    allowed="a number from 1, or different whole numbers",
                )
            )
        return self.scenario.replace(seeds=chosen)


class Results(Mapping[str, pd.DataFrame]):
    """Results as pandas tables by name: ``results["indicators"]``.

    Args:
        folder: The results folder.
        keep: A temporary folder that lives as long as the object.

    Attributes:
        folder: Where the tables lie.
        manifest: Versions, hashes, seeds and times.
    """

    def __init__(self, folder: ResultsFolder, keep: tempfile.TemporaryDirectory[str] | None = None) -> None:
        self._folder = folder
        self._keep = keep
        self.folder = folder.path
        self.manifest = folder.manifest

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._folder.table_names:
            raise KeyError(f"no table {name!r}; there are {', '.join(self._folder.table_names)}")
        return self._folder.table(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._folder.table_names)

    def __len__(self) -> int:
        return len(self._folder.table_names)

    def __repr__(self) -> str:
        return f"<Results of {self._folder.kind}: {', '.join(self)}>"

    @property
    def summary(self) -> pd.DataFrame:
        """The headline."""
        return self["summary"]

    @property
    def scenarios(self) -> dict[str, Study]:
        """The resolved scenarios by name."""
        return {name: Study(scenario) for name, scenario in self._folder.scenarios.items()}

    @property
    def dictionary(self) -> pd.DataFrame:
        """What every table, column and indicator means, in English and Swedish."""
        return self._folder.table("dictionary").fillna("")

    def meaning(self, table: str, lang: str = "en") -> pd.Series:
        """What the columns of a table mean, by column; empty where the name says it all.

        Raises:
            KeyError: There is no such table.
        """
        columns = list(self[table].columns)
        known = self.dictionary
        known = known[(known["kind"] == "column") & known["where"].isin(["*", table])]
        # A table's own words win over those that all tables share.
        known = known.sort_values("where", key=lambda where: where == table).drop_duplicates(
            "name", keep="last"
        )
        return known.set_index("name")[f"meaning_{lang}"].reindex(columns).fillna("")

    def indicators_of(self, area: str) -> pd.DataFrame:
        """The indicators of a care area: name, unit, meaning in both languages, and which is the primary outcome."""
        known = self.dictionary
        return known[(known["kind"] == "indicator") & (known["where"] == area)].reset_index(drop=True)

    def report(
        self, lang: str = "sv", out: str | Path | None = None, *, pdf: bool = False, full: bool = False
    ) -> list[Path]:
        """Write the report page (and PDF); see ``run_sim.py report``.

        On paper it holds the main part, with ``full`` everything that a screen can unfold. A temporary folder goes with
        the object: name a file there.

        Raises:
            InputError: The results lie in a temporary folder and no file is named, or there is no such report.
        """
        from sim.report.write import write_report  # noqa: PLC0415 - figures are heavy

        if out is None and self._keep is not None:
            raise InputError(
                Problem(
                    "the results are in a temporary folder: name a file to write",
                    "out",
                    allowed="out='report.html'",
                )
            )
        return write_report(self._folder, lang, None if out is None else Path(out), pdf=pdf, full=full)

    def verify(self, **options: Any) -> pd.DataFrame:
        """Check the folder's hashes, with ``rerun=True`` its results too; a row a check."""
        from sim.experiment.verify import verify_folder  # noqa: PLC0415 - seldom needed

        return pd.DataFrame([check.as_dict() for check in verify_folder(self._folder, **options)])


def _draws(draws: int | Sequence[int], assumptions: bool) -> tuple[int, ...]:
    """The draws that a user asks for; assumptions need two of them at least."""
    chosen = tuple(range(1, draws + 1)) if isinstance(draws, int) else tuple(int(draw) for draw in draws)
    if assumptions and len(chosen) < 2:
        text = "how much rests on assumptions is told by how draws differ"
        allowed = "two draws at least, such as draws=20"
        raise InputError(Problem(text, "draws", value=str(draws), allowed=allowed))
    return chosen


def _place(out: str | Path | None) -> tuple[tempfile.TemporaryDirectory[str] | None, Path]:
    """A results folder's place, and the temporary folder it is in when nobody named one."""
    if out is not None:
        return None, Path(out)
    keep = tempfile.TemporaryDirectory(prefix="sim-results-")
    return keep, Path(keep.name) / "results"
