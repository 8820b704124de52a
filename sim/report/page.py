"""The report: one self-contained page from a results folder, in Swedish or English.

A kind of folder has a module with ``title(desk)`` and ``sections(desk)``; a new kind is one more entry in ``KINDS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from sim import __version__
from sim.experiment.results_folder import ResultsFolder
from sim.report import page_compare, page_credibility, page_matrix, page_run, page_sweep
from sim.report.blocks import Section
from sim.report.desk import Desk
from sim.report.labels import check_lang
from sim.scenario.errors import InputError, Problem

if TYPE_CHECKING:
    from sim.report.labels import Lang

TEMPLATES = Path(__file__).resolve().parent / "templates"
#: What marks a file as a report of this program, so that it may be replaced.
GENERATOR = "centralisation-sim report"


@dataclass(frozen=True)
class Kind:
    """How a kind of folder is reported.

    Attributes:
        title: Makes the heading.
        sections: Makes the sections, in order.
        basis: Says what the numbers rest on, under the heading.
    """

    title: Callable[[Desk], Markup]
    sections: Callable[[Desk], list[Section]]
    basis: Callable[[Desk], Markup]


def one_world(desk: Desk) -> Markup:
    """Seeds and the single draw."""
    return desk.say("page.basis" if desk.seeds > 1 else "page.basis_one", **desk.world)


#: Kind of results folder → how it is reported.
KINDS: Mapping[str, Kind] = {
    "run": Kind(page_run.title, page_run.sections, one_world),
    "compare": Kind(page_compare.title, page_compare.sections, one_world),
    "matrix": Kind(page_matrix.title, page_matrix.sections, page_matrix.basis),
    "sweep": Kind(page_sweep.title, page_sweep.sections, page_sweep.basis),
    "credibility": Kind(page_credibility.title, page_credibility.sections, page_credibility.basis),
}


@dataclass(frozen=True)
class Page:
    """A report before it is written as HTML.

    Attributes:
        title: Heading.
        sections: Content.
        desk: Where it was made, with the list of its numbers.
    """

    title: Markup
    sections: list[Section]
    desk: Desk


def make_page(folder: ResultsFolder, lang: str) -> Page:
    """The report of a results folder.

    Raises:
        InputError: There is no report for this kind of folder yet.
        ValueError: Unknown language.
    """
    language: Lang = check_lang(lang)
    kind = KINDS.get(folder.kind)
    if kind is None:
        raise InputError(
            Problem(
                f"there is no report yet about the results of `{folder.kind}`",
                "DIR",
                value=str(folder.path),
                allowed=f"a folder written by {' or '.join(KINDS)}",
            )
        )
    desk = Desk(folder, language)
    sections = kind.sections(desk)
    return Page(kind.title(desk), sections, desk)


def html(page: Page, *, unfolded: bool = False, full: bool = False) -> str:
    """The page as HTML: style, pictures and the list of numbers are inside; nothing is fetched.

    Args:
        page: The report.
        unfolded: Whether what is folded on a screen stands open, as on paper.
        full: Whether paper gets all that a screen can unfold: every parameter, every link of the chain, every file.
    """
    desk = page.desk
    kicker = f"page.kicker_{desk.folder.kind}"
    return _template().render(
        lang=desk.lang,
        title=page.title,
        sections=page.sections,
        say=desk.say,
        kicker=desk.say(kicker if desk.say.has(kicker) else "page.kicker_other"),
        years=desk.say("page.years", start=desk.year("start"), end=desk.year("end")),
        basis=KINDS[desk.folder.kind].basis(desk),
        foot=desk.say("page.foot", version=__version__),
        generator=f"{GENERATOR} {__version__}",
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        numbers=desk.numbers.as_json(),
        unfolded=unfolded,
        full=full,
    )


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
