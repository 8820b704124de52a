"""The views of results that a room can look at together, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.server.texts import Texts

#: Draws a view from the views of a comparison: texts, views, name of the reform in them, care area.
Drawer = Callable[[Texts, Mapping[str, Any], str, str], None]
VIEWS: dict[str, Drawer] = {}
