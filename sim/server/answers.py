"""What a worker makes of finished worlds: the views of a comparison, and what somebody asks for beyond them."""

from __future__ import annotations

import io
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sim.experiment.compare import all_tables, write_comparison
from sim.experiment.results_folder import open_results
from sim.report.compare_figures import write_compare_figures
from sim.report.labels import LANGUAGES, check_lang
from sim.report.write import write_report
from sim.server.kept_folder import KeptFolder
from sim.server.scenario_files import exported
from sim.server.story import tell_story
from sim.server.views import all_views
from sim.server.views_words import why
from sim.server.worker import Bench, ComparisonTask, Told, compared

_HOW = """Så räknar du om / How to run it again

    python run_sim.py compare {base}.yaml {reforms}

Filerna i scenarios/ innehåller allt: år, skala, slumpfrön, instrument och parametrar. Talen blir exakt desamma.
The files in scenarios/ hold everything: years, scale, seeds, instruments and parameters.
The numbers are exactly the same.
"""


def answer(bench: Bench, task: ComparisonTask, told: Told) -> Any:
    """The answer to a task.

    Args:
        bench: What the worker has at hand.
        task: What is asked: ``views`` (all views), ``why`` (options reform, area, region), ``story`` (see
            ``sim.server.story``), ``report`` (option lang: a page as bytes) or ``folder`` (option lang: the whole
            results folder with figures, reports and scenario files, as the bytes of a zip file).
        told: Called between years when something has to be simulated; what it raises stops the work.
    """
    return _ANSWERS[task.what](bench, task, told)


def folder_of(bench: Bench, task: ComparisonTask, told: Told) -> KeptFolder:
    """All tables of a comparison, from kept worlds."""
    results = compared(bench, task, told)
    tables, summary = all_tables(task.base, task.reforms, task.draw, results)
    return KeptFolder(task.base, task.reforms, task.draw, task.seeds, tables, summary)


def _views(bench: Bench, task: ComparisonTask, told: Told) -> Any:
    return all_views(folder_of(bench, task, told))


def _why(bench: Bench, task: ComparisonTask, told: Told) -> Any:
    options = dict(task.options)
    return why(folder_of(bench, task, told), options["reform"], options["area"], options["region"])


def _write(bench: Bench, task: ComparisonTask, told: Told, out: Path, figures: bool) -> None:
    """The results folder, the very one that ``run_sim.py compare`` writes."""
    lang = check_lang(str(dict(task.options).get("lang", "sv")))
    write_comparison(
        task.base,
        task.reforms,
        task.draw,
        compared(bench, task, told),
        out=out,
        start=time.perf_counter(),
        finish=partial(_figures, task.base.name, lang) if figures else None,
    )


def _figures(base: str, lang: Any, folder: Path, tables: Mapping[str, Any]) -> None:
    write_compare_figures(folder, dict(tables), base, lang)


def _report(bench: Bench, task: ComparisonTask, told: Told) -> bytes:
    with tempfile.TemporaryDirectory(prefix="comparison-") as place:
        out = Path(place) / "results"
        _write(bench, task, told, out, figures=False)
        lang = check_lang(str(dict(task.options).get("lang", "sv")))
        return write_report(open_results(out), lang)[0].read_bytes()


def _folder(bench: Bench, task: ComparisonTask, told: Told) -> bytes:
    with tempfile.TemporaryDirectory(prefix="comparison-") as place:
        out = Path(place) / "results"
        _write(bench, task, told, out, figures=True)
        for lang in LANGUAGES:
            write_report(open_results(out), lang)
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(path for path in out.rglob("*") if path.is_file()):
                archive.write(path, f"results/{path.relative_to(out).as_posix()}")
            for scenario in (task.base, *task.reforms):
                archive.writestr(f"scenarios/{scenario.name}.yaml", exported(scenario))
            reforms = " ".join(f"scenarios/{reform.name}.yaml" for reform in task.reforms)
            archive.writestr(
                "LÄS_MIG_README.txt", _HOW.format(base=f"scenarios/{task.base.name}", reforms=reforms)
            )
        return made.getvalue()


_ANSWERS: dict[str, Callable[[Bench, ComparisonTask, Told], Any]] = {
    "views": _views,
    "why": _why,
    "story": tell_story,
    "report": _report,
    "folder": _folder,
}
