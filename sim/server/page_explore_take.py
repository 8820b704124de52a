"""What a reader takes away: scenario files, the report, figures and tables, and the link to this session."""

from __future__ import annotations

from nicegui import ui

from sim.server.engine import Ticket
from sim.server.explore_state import ExploreState
from sim.server.serving import Server
from sim.server.texts import Texts
from sim.server.ui_common import heading, note, paragraph


def show_take(t: Texts, state: ExploreState, server: Server, ticket: Ticket | None) -> None:
    """The tab of everything that can be taken away."""
    heading(3, t("explore.share"))
    address = f"{server.address}/explore/{state.session_id}"
    paragraph(t("explore.share_text"), "small muted")
    with ui.element("div").classes("row"):
        ui.input(t("explore.share"), value=address).props("outlined dense readonly").classes("grow")

        def copy() -> None:
            ui.clipboard.write(address)
            ui.notify(t("common.copied"))

        ui.button(t("explore.copy"), on_click=copy).props("no-caps outline")
    heading(3, t("take.scenarios"))
    result = server.engine.result(ticket.id, state.session_id) if ticket is not None else None
    if result is None:
        note(t("take.after_run"))
        return
    paragraph(t("take.scenarios_text"), "small muted")
    files = result.files()
    seeds = ",".join(str(seed) for seed in result.seeds)
    ui.code(f"python run_sim.py compare {' '.join(files)} --seeds {seeds}", language="bash").classes("w-full")
    with ui.element("div").classes("row"):
        for name, content in files.items():
            ui.button(
                t("take.download", name=name),
                icon="download",
                on_click=lambda _, name=name, content=content: ui.download.content(
                    content, name, "application/yaml"
                ),
            ).props("no-caps outline")
