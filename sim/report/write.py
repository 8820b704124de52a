"""Writing a report and what goes with it into or beside a results folder."""

from __future__ import annotations

import os
from pathlib import Path

from sim.experiment.results_folder import ResultsFolder
from sim.experiment.store import ResultsExistError
from sim.report.page import GENERATOR, html, make_page
from sim.report.pdf import write_pdf


def default_file(folder: ResultsFolder, lang: str) -> Path:
    """Where a report goes unless a file is named."""
    return folder.path / f"report_{lang}.html"


def write_report(
    folder: ResultsFolder,
    lang: str,
    out: Path | None = None,
    *,
    pdf: bool = False,
    full: bool = False,
    force: bool = False,
) -> list[Path]:
    """Write the page, and the PDF beside it when asked for.

    An older report may be replaced, since it is made from the results; any other file only with ``force``.

    Args:
        folder: The results.
        lang: ``sv`` or ``en``.
        out: The HTML file.
        pdf: Whether a PDF is made too.
        full: Whether the printed report holds all that a screen can unfold.
        force: Replace whatever file is there.

    Returns:
        The files, the page first.

    Raises:
        ResultsExistError: Another file is in the way, or the place cannot be written to.
        InputError: No report exists for this kind of folder, or no PDF can be made.
    """
    target = default_file(folder, lang) if out is None else out
    if target.suffix.lower() != ".html":
        target = target.with_name(f"{target.name}.html")
    _refuse_other(target, force)
    page = make_page(folder, lang)
    _write_whole(html(page, full=full), target)
    files = [target]
    if pdf:
        printed = target.with_suffix(".pdf")
        write_pdf(html(page, unfolded=True, full=full), printed)
        files.append(printed)
    return files


def _refuse_other(target: Path, force: bool) -> None:
    if not target.exists() or force:
        return
    head = target.read_bytes()[:4000].decode("utf-8", errors="replace") if target.is_file() else ""
    if GENERATOR not in head:
        raise ResultsExistError(
            f"{target} exists and is not a report of this program: choose another file with --out, or add --force"
        )


def _write_whole(text: str, target: Path) -> None:
    temporary = target.with_name(f".tmp-{os.getpid()}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(target)
    except OSError as error:
        raise ResultsExistError(f"cannot write {target} ({error.strerror})") from None
    finally:
        temporary.unlink(missing_ok=True)
