"""A report as PDF: by WeasyPrint where it works, else by a Chromium-like browser that is installed.

WeasyPrint is a maintained library (extra ``report``), but it needs the system library Pango, which pip cannot install
everywhere. A browser needs nothing more and is on most office machines.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sim.scenario.errors import InputError, Problem

BROWSERS: tuple[str, ...] = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge",
)  # fmt: skip
#: Places outside the search path where browsers are installed on macOS and Windows.
_PLACES: tuple[str, ...] = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
_SECONDS = 180


def write_pdf(html: str, target: Path) -> str:
    """Write the page as PDF; the file appears whole or not at all.

    Args:
        html: The page, unfolded.
        target: The file.

    Returns:
        What made it: ``WeasyPrint`` or the browser's name.

    Raises:
        InputError: Nothing that can make a PDF is installed, or it failed.
    """
    temporary = target.with_name(f".tmp-{os.getpid()}-{target.name}")
    try:
        maker = "WeasyPrint" if _by_weasyprint(html, temporary) else _by_browser(html, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return maker


def find_browser() -> str | None:
    """A browser that can print without a screen, or None."""
    on_path = (found for name in BROWSERS if (found := shutil.which(name)))
    return next(on_path, next((place for place in _PLACES if Path(place).is_file()), None))


def _by_weasyprint(html: str, target: Path) -> bool:
    """Whether WeasyPrint could write it; False when it, or the Pango it needs, is missing."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError):
        return False
    # Pictures are inside the page; anything else would be a fault of it.
    HTML(string=html, url_fetcher=URLFetcher(allowed_protocols={"data"}, fail_on_errors=True)).write_pdf(
        target
    )
    return True


def _by_browser(html: str, target: Path) -> str:
    browser = find_browser()
    if browser is None:
        raise InputError(
            Problem(
                "a PDF needs WeasyPrint with its library Pango, or a browser such as Chromium, Chrome or Edge, and "
                "neither was found; the HTML page prints well from any browser",
                "--pdf",
                allowed='pip install -e ".[report]", or an installed browser',
            )
        )
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(html, encoding="utf-8")
        run_browser(browser, ["--no-pdf-header-footer", f"--print-to-pdf={target.resolve()}", page.as_uri()])
    if not target.is_file():
        raise InputError(Problem(f"{Path(browser).name} wrote no PDF", "--pdf"))
    return Path(browser).name


def run_browser(browser: str, arguments: list[str]) -> None:
    """Run a browser without a screen on a page of ours.

    Raises:
        InputError: It failed or took too long.
    """
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--disable-gpu", "--no-first-run", f"--user-data-dir={profile}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # Browsers refuse their sandbox to the administrator; the page is our own and fetches nothing.
            command.append("--no-sandbox")
        try:
            subprocess.run([*command, *arguments], check=True, capture_output=True, timeout=_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            raise InputError(Problem(f"{Path(browser).name} failed ({error})", "--pdf")) from None
