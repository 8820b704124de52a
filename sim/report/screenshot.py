"""Pictures of a report for the documentation: ``python -m sim.report.screenshot DIR`` with a browser installed.

The picture of the printed page applies the style sheet's rules for paper at the width of A4.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sim.experiment.results_folder import ResultsFolder, open_results
from sim.report.page import html, make_page
from sim.report.pdf import find_browser, run_browser
from sim.scenario.errors import InputError, Problem

TARGET = Path(__file__).resolve().parents[2] / "docs" / "pictures"
#: Name → language, width and height in points of the screen, and whether rules for paper apply.
PICTURES: dict[str, tuple[str, int, int, bool]] = {
    "report_screen_sv": ("sv", 1200, 1500, False),
    "report_print_en": ("en", 794, 1123, True),
    "report_phone_sv": ("sv", 500, 1100, False),
}


def take(folder: ResultsFolder, target: Path) -> list[Path]:
    """Take all pictures.

    Args:
        folder: The results that are reported.
        target: Folder for the pictures.

    Returns:
        The files.

    Raises:
        InputError: No browser is installed.
    """
    browser = find_browser()
    if browser is None:
        raise InputError(Problem("pictures need a browser such as Chromium", allowed="an installed browser"))
    target.mkdir(parents=True, exist_ok=True)
    files = []
    with tempfile.TemporaryDirectory() as place:
        for name, (lang, width, height, on_paper) in PICTURES.items():
            page, file = Path(place) / f"{name}.html", target / f"{name}.png"
            page.write_text(shown(folder, lang, on_paper), encoding="utf-8")
            size = [f"--window-size={width},{height}", "--hide-scrollbars"]
            run_browser(browser, [*size, f"--screenshot={file.resolve()}", page.as_uri()])
            files.append(file)
    return files


def shown(folder: ResultsFolder, lang: str, on_paper: bool) -> str:
    """The page as a browser shows it, or as it looks on paper."""
    text = html(make_page(folder, lang), unfolded=on_paper)
    if not on_paper:
        return text
    # The same rules as on paper, with the margins that the printer adds.
    return text.replace("@media print {", "@media all {\n  html { padding: 17mm 16mm; }", 1)


def main(arguments: list[str]) -> None:
    """Take the pictures of one results folder into docs/pictures."""
    if len(arguments) != 1:
        sys.exit("usage: python -m sim.report.screenshot DIR")
    for file in take(open_results(Path(arguments[0])), TARGET):
        sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
