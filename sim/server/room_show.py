"""Views of results that the facilitator puts on every screen, in each reader's language and with the own region."""

from __future__ import annotations

from collections import Counter

from sim.measures.tables import SWEDEN
from sim.report.labels import area_label
from sim.server.page_explore_results import SHOWN
from sim.server.reading import Reading
from sim.server.room import Phase, Room
from sim.server.room_host import RoomHost
from sim.server.texts import Texts
from sim.server.ui_common import heading, note, paragraph

#: Names of the views, as on the explore page.
VIEWS: tuple[str, ...] = tuple(SHOWN)
#: Whose page is shown where nobody in the room follows a region.
_REGION = "25"


def view_version(host: RoomHost, room: Room) -> object:
    """Changes exactly when the view on screen must be built anew."""
    if room.phase is not Phase.VIEW:
        return None
    state = host.model(str(room.view.get("reform", "")))
    return (tuple(sorted(room.view.items())), state.seeds if state else 0)


def show_view(t: Texts, host: RoomHost, room: Room, region: str = SWEDEN) -> None:
    """Build the view that the facilitator chose.

    Args:
        t: Texts in the reader's language.
        host: The room.
        room: Its state.
        region: The reader's region; with ``"00"`` that which most in the room follow.
    """
    reform, area, name = (room.view.get(key, "") for key in ("reform", "area", "name"))
    paragraph(area_label(area, t.lang), "kicker")
    heading(2, host.titles(t.lang).get(reform, reform))
    state = host.model(reform)
    if state is None or state.views is None or name not in SHOWN:
        note(t("room.wait_for_model"), live=True)
        return
    in_results = str(state.views["about"]["reforms"][0]["name"])
    own = region if region != SWEDEN else most_followed(room)
    SHOWN[name](Reading(t, state.views, area, in_results, own, None))


def most_followed(room: Room) -> str:
    """The region that most participants follow."""
    followed = Counter(code for code in room.participants.values() if code != SWEDEN)
    return followed.most_common(1)[0][0] if followed else _REGION
