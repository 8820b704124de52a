"""Where the facilitator makes a ballot: area, budget, levers with their prices."""

from __future__ import annotations

from nicegui import ui

from sim.agents.handles import AREAS
from sim.report.labels import area_label
from sim.server.room_bundle import ballot_levers
from sim.server.room_predictions import RoomError
from sim.server.room_votes import MOST_MSEK, Ballot, Item, reckoned_price
from sim.server.texts import Texts
from sim.server.ui_common import paragraph
from sim.server.ui_levers import lever_title

#: What stands there first; the facilitator changes it. The budget is a part of what these levers cost together, so
#: that one must choose.
_FIRST_LEVERS = 6
_PART_OF_ALL, _ROUND_MSEK = 0.6, 50.0


def _first(area: str) -> list[str]:
    return list(ballot_levers(area)[:_FIRST_LEVERS])


def _budget_of(area: str) -> float:
    """A budget that buys some of an area's first levers, not all."""
    prices = sum(reckoned_price(lever, area) or 0.0 for lever in _first(area))
    return max(_ROUND_MSEK, _ROUND_MSEK * round(_PART_OF_ALL * prices / _ROUND_MSEK))


class BallotForm:
    """The fields of a ballot.

    Args:
        t: Texts.
        given: The present ballot, to go on from.
    """

    def __init__(self, t: Texts, given: Ballot | None) -> None:
        self._t = t
        self._prices: dict[str, ui.number] = {}
        self._set = {item.lever: item.price for item in given.items} if given else {}
        area = given.area if given else AREAS[0]
        areas = {name: area_label(name, t.lang) for name in AREAS}
        with ui.element("div").classes("row"):
            self._area = ui.select(
                areas, value=area, label=t("room.ballot_area"), on_change=self._new_area
            ).classes("grow")
            self._budget = ui.number(
                t("room.ballot_budget"),
                value=given.budget if given else _budget_of(area),
                min=0,
                max=MOST_MSEK,
            ).classes("grow")
        self._levers = (
            ui.select(
                self._titles(area),
                value=list(self._set) or _first(area),
                multiple=True,
                label=t("room.ballot_levers"),
                on_change=self._new_levers,
            )
            .props("use-chips")
            .classes("w-full")
        )
        with ui.element("details").classes("w-full"):
            ui.html(t("room.ballot_prices"), sanitize=False, tag="summary")
            paragraph(t("room.price_how"), "muted small")
            self._list = ui.element("div").classes("stack")
        self._new_levers()

    def _titles(self, area: str) -> dict[str, str]:
        return {lever: lever_title(self._t, lever) for lever in ballot_levers(area)}

    def _new_area(self) -> None:
        area = str(self._area.value)
        self._set = {}
        self._budget.set_value(_budget_of(area))
        self._levers.set_options(self._titles(area), value=_first(area))
        self._new_levers()

    def _new_levers(self) -> None:
        area, chosen = str(self._area.value), [str(lever) for lever in self._levers.value or ()]
        for lever, field in self._prices.items():
            if field.value is not None:
                self._set[lever] = float(field.value)
        self._list.clear()
        self._prices = {}
        with self._list:
            for lever in chosen:
                price = self._set.get(lever, reckoned_price(lever, area))
                label = self._t("room.ballot_price", lever=lever_title(self._t, lever))
                self._prices[lever] = ui.number(label, value=price, min=0, max=MOST_MSEK).classes("w-full")

    def ballot(self) -> Ballot:
        """The ballot as it stands.

        Raises:
            RoomError: It cannot be voted on.
        """
        area = str(self._area.value)
        items = []
        for lever, field in self._prices.items():
            if field.value is None:
                raise RoomError("price_missing", lever=lever_title(self._t, lever))
            price = float(field.value)
            items.append(Item(lever, price, price == reckoned_price(lever, area)))
        return Ballot(area, float(self._budget.value or 0.0), tuple(items))
