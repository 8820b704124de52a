"""The documentation site: built without a warning, whole, and loading nothing from anywhere else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import html5lib
import pytest

from sim.cli.command_pages import commands
from sim.policies.registry import known_ids
from sim.report.pdf import find_browser
from sim.scenario.parameters import load_parameters

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
_LONGEST_SECONDS = 2400
#: Attributes with which an element loads something; a link that a reader may follow (``a``) loads nothing.
LOADING = ("src", "srcset", "poster", "data", "href", "xlink:href")
ELSEWHERE = re.compile(r"^\s*(?:[a-z]+:)?//", re.IGNORECASE)
IN_STYLE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])\s*(?:https?:)?//[^)"']*""")
MEASURE = (
    "<script>addEventListener('load', () => setTimeout(() => document.documentElement.dataset.loaded ="
    " performance.getEntriesByType('resource').map(entry => entry.name).join(' '), 300));</script></body>"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``make docs`` builds it; the notebook is run."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [*command, "-d", str(folder / "trees"), "docs", str(folder / "html")],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=_LONGEST_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return folder / "html"


def loaded_from_elsewhere(text: str) -> list[str]:
    """What a page would fetch from another place, by its elements and styles."""
    found = []
    for element in html5lib.parse(text, namespaceHTMLElements=False).iter():
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag not in ("a", "area", "base") and not (tag == "link" and element.get("rel") == "canonical"):
            found += [
                f"{tag} {element.get(name)}"
                for name in LOADING
                if any(ELSEWHERE.match(part) for part in (element.get(name) or "").split(","))
            ]
        styles = [element.get("style") or "", (element.text or "") if tag == "style" else ""]
        found += [hit for style in styles for hit in IN_STYLE.findall(style)]
    return found


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ('<a href="https://scb.se">source</a><img src="_static/a.png">', 0),
        ('<img src="https://scb.se/a.png">', 1),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', 1),
        ('<script src="https://cdn.example/require.js"></script>', 1),
        ("<style>@import 'https://fonts.example/x.css';</style>", 1),
        ('<p style="background: url(https://x.example/y.png)">', 1),
    ],
)
def test_what_a_page_loads_from_elsewhere_is_found(text, n):
    assert len(loaded_from_elsewhere(text)) == n


def test_no_page_loads_anything_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 90
    wrong = {page.name: found for page in pages if (found := loaded_from_elsewhere(page.read_text("utf-8")))}
    assert not wrong
    styles = {file.name: IN_STYLE.findall(file.read_text("utf-8")) for file in site.rglob("*.css")}
    assert not {name: found for name, found in styles.items() if found}


def test_a_browser_loads_only_files_of_the_site(site, tmp_path):
    browser = find_browser()
    if browser is None:
        if os.environ.get("CENTRALISATION_BROWSER_REQUIRED"):
            pytest.fail("no browser is installed, and one is required here")
        pytest.skip("no browser is installed")
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}/"
    try:
        for name in ("index.html", "notebook.html", "levers/feedback.html"):
            loaded = loaded_by_browser(browser, site / name, home, site, tmp_path)
            assert any(".css" in entry for entry in loaded), (name, loaded)
            assert all(entry.startswith((home, "data:")) for entry in loaded), (name, loaded)
    finally:
        server.shutdown()
        server.server_close()


def loaded_by_browser(browser: str, page: Path, home: str, site: Path, scratch: Path) -> list[str]:
    """Addresses of everything that a browser loads for a page."""
    copy = page.with_name(f"measured_{page.name}")
    copy.write_text(page.read_text("utf-8").replace("</body>", MEASURE), encoding="utf-8")
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={scratch / 'profile'}",
        "--virtual-time-budget=5000", "--dump-dom", home + copy.relative_to(site).as_posix(),
    ]  # fmt: skip
    try:
        dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=180).stdout
    finally:
        copy.unlink()
    measured = re.search(r'data-loaded="([^"]*)"', dom)
    assert measured is not None, page.name
    return measured[1].split()


def test_every_parameter_lever_and_command_has_its_place(site):
    rows = "".join(page.read_text("utf-8") for page in (site / "parameters").glob("*.html"))
    assert not [name for name in load_parameters() if rows.count(f'id="{name}"') != 1]
    assert not [name for name in known_ids() if not (site / "levers" / f"{name}.html").is_file()]
    page = (site / "commands.html").read_text("utf-8")
    assert not [name for name in commands() if f'id="{name}"' not in page]


def test_the_index_leads_to_every_page_but_those_below_others(site):
    index = (site / "index.html").read_text("utf-8")
    pages = {page.name for page in site.glob("*.html")} - {
        "index.html",
        "genindex.html",
        "py-modindex.html",
        "search.html",
    }
    assert {"start.html", "scenario.html", "sweeps.html", "glossary.html", "decisions.html"} <= pages
    assert not [name for name in pages if f'href="{name}"' not in index]


def test_the_notebook_shows_what_it_gave_and_no_place_on_this_machine(site):
    text = (site / "notebook.html").read_text("utf-8")
    assert text.count('class="dataframe"') >= 6
    assert 'src="_images/' in text
    assert "Traceback" not in text
    stored = (ROOT / "docs" / "notebook.ipynb").read_text("utf-8")
    assert '"output_type"' not in stored, "it is run when the site is built: store it without outputs"
    for page in site.rglob("*.html"):
        assert str(ROOT) not in page.read_text("utf-8"), page.name
