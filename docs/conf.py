"""How Sphinx builds the documentation site: ``make docs`` writes build/docs, from these pages and from code.

Nothing in the pages is loaded from the internet. A warning ends the build.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parent
PROJECT = DOCS.parent
# The pages describe this checkout, whatever is installed; the notebook's own process reads the variable.
sys.path.insert(0, str(PROJECT))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
os.environ.setdefault("IPYTHONDIR", str(PROJECT / ".cache" / "ipython"))
for _library in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_library, "1")

from sim import __version__  # noqa: E402 - the path comes first
from sim.cli import command_pages, parameter_pages  # noqa: E402

project = "Before you centralise"
author = "The centralisation-sim contributors"
project_copyright = f"{author}, Apache-2.0"
version = release = __version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["levers/worked", "examples"]
nitpicky = True
# Types of other libraries, whose own documentation is not at hand without a network.
nitpick_ignore_regex = [
    (r"py:.*", r"(pandas|pd|numpy|np|pathlib|collections|typing|tempfile)(\..*)?"),
    (r"py:.*", r"(Path|Any|Mapping|Sequence|Callable|Iterator|DataFrame|Series)"),
    # Parts of the model that the page for analysts names and does not describe.
    (
        r"py:.*",
        r"(sim\.(scenario|experiment)\..*|Scenario|ResultsFolder|ScenarioError|ComparisonError|InputError)",
    ),
    (r"py:.*", r"(ResultsExistError|optional)"),
]
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline", "colon_fence"]
# The notebook is run every time the site is built: what it shows is what the model gives today.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 1200
nb_merge_streams = True
nb_output_stderr = "remove"  # remarks of libraries, with paths of the machine that built the site

autodoc_member_order = "bysource"
autodoc_typehints = "description"
napoleon_google_docstring = True

html_theme = "furo"
html_title = "Before you centralise"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False


def setup(app: Sphinx) -> None:
    """Write the pages that are made from code, and give pages the lists that only the site needs."""
    app.connect("builder-inited", lambda _: _write_pages())
    app.connect("source-read", _complete_lists)


def _write_pages() -> None:
    parameter_pages.write(DOCS / "parameters")
    command_pages.write(DOCS / "commands.md")


def _complete_lists(_: Sphinx, name: str, source: list[str]) -> None:
    if name == "levers/README":
        # It is also read outside the site, where a list for Sphinx would only be in the way.
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n*\n```\n"
    elif name == "index":
        # A pattern takes in what is there: one that finds no page would be a warning.
        source[0] = re.sub(r"^([\w-]+\*)\n", _if_there, source[0], flags=re.MULTILINE)


def _if_there(pattern: re.Match[str]) -> str:
    return pattern[0] if any(DOCS.glob(f"{pattern[1]}.md")) else ""
