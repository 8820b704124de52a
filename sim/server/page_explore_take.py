"""What a reader takes away: scenario files, the report, figures and tables, and the link to this session."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui import background_tasks, ui

from sim.scenario.errors import InputError
from sim.server.explore_state import ExploreState, problem_text
from sim.server.show_asked import Ask
from sim.server.texts import Texts
from sim.server.ui_common import heading, note, paragraph


def show_take(t: Texts, state: ExploreState, address: str, files: Mapping[str, str] | None, ask: Ask) -> None:
    """The tab of everything that can be taken away.

    Args:
        t: Texts in the reader's language.
        state: What is explored.
        address: The link to this session.
        files: Name → scenario file of the latest comparison; None when there is none yet.
        ask: Asks the engine.
    """
    heading(3, t("explore.share"))
    paragraph(t("explore.share_text"), "small muted")
    with ui.element("div").classes("row"):
        ui.input(t("explore.share"), value=address).props("outlined dense readonly").classes("grow")

        def copy() -> None:
            ui.clipboard.write(address)
            ui.notify(t("common.copied"))

        ui.button(t("explore.copy"), on_click=copy).props("no-caps outline")
    heading(3, t("take.scenarios"))
    if files is None:
        note(t("take.after_run"))
        return
    paragraph(t("take.scenarios_text"), "small muted")
    ui.html(f"<code>python run_sim.py compare {' '.join(files)}</code>").classes("lever")
    with ui.element("div").classes("row"):
        for name, content in files.items():
            _button(t("take.download", name=name), partial(_give, content.encode(), name))
    heading(3, t("take.all"))
    paragraph(t("take.all_text"), "small muted")
    with ui.element("div").classes("row"):
        _made(t, t("take.report"), f"report_{t.lang}.html", lambda: ask("report", lang=t.lang))
        _made(t, t("take.folder"), "results.zip", lambda: ask("folder", lang=t.lang))
        if "regions" in state.views:
            _button(t("take.csv"), lambda: _give(regions_csv(state.views), "regions.csv"))


def _button(label: str, on_click: Callable[[], Any]) -> ui.button:
    return ui.button(label, icon="download", on_click=on_click).props("no-caps outline")


def _give(content: bytes, name: str) -> None:
    ui.download.content(content, name)


def _made(t: Texts, label: str, name: str, ask: Callable[[], Any]) -> None:
    """A button for something that takes a while to make."""

    async def make() -> None:
        button.props("loading").disable()
        said.set_text(t("take.making"))
        try:
            _give(await ask(), name)
            said.set_text("")
        except InputError as error:
            said.set_text(problem_text(error, t.lang))
        except (KeyError, RuntimeError):
            said.set_text(t("common.trouble"))
        finally:
            button.props(remove="loading").enable()

    button = _button(label, lambda: background_tasks.create(make(), context=button, name=f"make {name}"))
    said = ui.label("").classes("small muted").props("role=status")


def regions_csv(views: Mapping[str, Any]) -> bytes:
    """Every indicator of every region under every reform, as CSV: what the tables on screen are made of."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    sides = ("base", "reform", "difference", "low", "high")
    writer.writerow(["scenario", "area", "indicator", "unit", "region", *sides, "may_be_chance"])
    table = views["regions"]
    for reform, own in table["reforms"].items():
        for i, indicator in enumerate(table["indicators"]):
            for j, code in enumerate(table["codes"]):
                if own["base"][i][j] is None and own["reform"][i][j] is None:
                    continue
                values = [own[side][i][j] for side in (*sides, "chance")]
                names = [reform, indicator["area"], indicator["id"], indicator["unit"]["en"], code]
                writer.writerow([*names, *("" if value is None else value for value in values)])
    return out.getvalue().encode()
