"""Views of results that the facilitator puts on every screen, in each reader's own language."""

from __future__ import annotations

from sim.report.labels import area_label
from sim.server.room import Phase, Room
from sim.server.room_host import RoomHost
from sim.server.room_views import VIEWS
from sim.server.texts import Texts
from sim.server.ui_common import heading, note, paragraph


def view_version(host: RoomHost, room: Room) -> object:
    """Changes exactly when the view on screen must be built anew."""
    if room.phase is not Phase.VIEW:
        return None
    state = host.model(str(room.view.get("reform", "")))
    return (
        tuple(sorted((name, str(value)) for name, value in room.view.items())),
        state.seeds if state else 0,
    )


def show_view(t: Texts, host: RoomHost, room: Room) -> None:
    """Build the view that the facilitator chose.

    Args:
        t: Texts in the reader's language.
        host: The room.
        room: Its state.
    """
    reform, area, name = (str(room.view.get(key, "")) for key in ("reform", "area", "name"))
    paragraph(area_label(area, t.lang), "kicker")
    heading(2, host.titles(t.lang).get(reform, reform))
    state = host.model(reform)
    if state is None or state.views is None or name not in VIEWS:
        note(t("room.wait_for_model"), live=True)
        return
    in_results = str(state.views["about"]["reforms"][0]["name"])
    VIEWS[name](t, state.views, in_results, area)
