"""The matrix of levers and care areas: each lever alone, what it does to the difference between regions."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from nicegui import ui

from sim.experiment.matrix_plan import DEFAULT, EQUAL_COST, FULL_COMPLIANCE
from sim.report import style
from sim.report.tile_map import ink_on
from sim.server.reading import Reading, largest
from sim.server.show_asked import when_made
from sim.server.ui_common import note, paragraph
from sim.server.ui_tiles import shade
from sim.server.views_matrix import latest_matrix, matrix_view

#: Fewer percentage points than this do not get strong colours.
_FLOOR = 0.2
_CONDITIONS = (DEFAULT, EQUAL_COST, FULL_COMPLIANCE)


def show_matrix(r: Reading) -> None:
    """The newest stored matrix, or how to make one."""
    place = ui.element("div").classes("stack")
    when_made(
        r.t,
        place,
        lambda: asyncio.to_thread(lambda: matrix_view(latest_matrix())),
        lambda view: build(r, view),
    )


def build(r: Reading, view: Mapping[str, Any]) -> None:
    """Widgets of a matrix view.

    Args:
        r: Whose language; nothing else of it is used.
        view: What ``matrix_view`` gave.
    """
    t = r.t
    if not view["is_there"]:
        note(t.pick(view["how"]))
        ui.html(str(Markup("<code>{}</code>").format(view["command"])), sanitize=False).classes("lever")
        return
    groups = {}
    for part in ("A", "B"):
        for condition in _CONDITIONS:
            own = [cell for cell in view["cells"] if cell["part"] == part and cell["condition"] == condition]
            if own:
                groups[f"{part} {condition}"] = own
    paragraph(t("matrix.lead", draws=view["draws"], seeds=view["seeds"]), "muted")
    options = {key: t(f"matrix.{key.replace(' ', '_').lower()}") for key in groups}
    chosen = ui.select(options, label=t("matrix.which"), value=next(iter(groups)))
    chosen.props("outlined dense options-dense").style("min-width:20rem;max-width:100%")
    table = ui.html("", sanitize=False).classes("w-full")

    def fill() -> None:
        table.set_content(str(matrix_html(r, view, groups[str(chosen.value)])))

    chosen.on_value_change(fill)
    fill()
    paragraph(t("matrix.key"), "small muted")


def matrix_html(r: Reading, view: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> Markup:
    """A row a lever, a column an area; the change in percentage points with what can be said of it."""
    t = r.t
    areas = {area: label for area, label in view["areas"].items() if any(c["area"] == area for c in cells)}
    reach = max(largest([cell["effect"] for cell in cells]), _FLOOR)
    rows: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for cell in cells:
        rows.setdefault((cell["lever"], cell["change"]), {})[cell["area"]] = cell
    head = Markup("").join(
        Markup('<th scope="col">{}</th>').format(t.pick(label)) for label in areas.values()
    )
    body = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            _title(r, next(iter(own.values()))),
            Markup("").join(_cell(r, own.get(area), reach) for area in areas),
        )
        for own in rows.values()
    )
    return Markup(
        '<div class="tablewrap" tabindex="0" role="region" aria-label="{}"><table class="plain matrix">'
        "<caption>{}</caption><thead><tr><th scope='col'>{}</th>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(t("tab.matrix"), t("matrix.caption"), t("matrix.lever"), head, body)


def _title(r: Reading, cell: Mapping[str, Any]) -> str:
    title = r.t.pick(cell["title"])
    return title if cell["change"] == "added" else r.t("matrix.ended", lever=title)


def _cell(r: Reading, cell: Mapping[str, Any] | None, reach: float) -> Markup:
    if cell is None:
        return Markup('<td class="none">–</td>')
    if cell["effect"] is None:
        return Markup("<td>{}</td>").format(r.t.pick(cell["verdict"]))
    pale = not cell["stands_out"]
    face = shade(style.WORSE_TO_BETTER[::-1], 0.0, reach, float(cell["effect"]), pale)
    return Markup(
        '<td class="{}" style="background-color:{};color:{};--face:{}"><span class="strong">{}</span> '
        '<span class="small">{}</span><br><span class="small">{}</span></td>'
    ).format(
        "hatched" if pale else "", face, ink_on(face), face,
        r.signed(cell["effect"]), r.interval(cell), r.t.pick(cell["verdict"]),
    )  # fmt: skip
