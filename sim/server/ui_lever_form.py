"""Controls for one use of a lever: dates, strength, regions, and its own parameters as their types ask for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from nicegui import ui

from sim.calendar import HORIZON_START
from sim.data import REGION_CODES
from sim.policies.registry import get_lever
from sim.report.labels import format_number, region_name
from sim.report.lever_words import term_words
from sim.scenario.lever_rules import is_national
from sim.server.texts import Texts
from sim.server.ui_common import heading, paragraph

#: What a lever's entry in a scenario holds: field → value.
Use = dict[str, Any]
#: First year that a reform decided now could reach.
FIRST_REFORM_YEAR = 2027
_JANUARY = 1
_REMOVED = object()


@lru_cache(maxsize=128)
def parameter_schemas(lever_id: str) -> dict[str, dict[str, Any]]:
    """JSON Schema of each of a lever's own parameters, in their order."""
    params = get_lever(lever_id).Params
    properties = params.model_json_schema().get("properties", {})
    return {name: properties[name] for name in params.model_fields}


def new_use() -> Use:
    """A lever as it is first added: in force from the first year that a reform could reach."""
    return {"from": f"{FIRST_REFORM_YEAR}-01-01"}


def choices_of(schema: Mapping[str, Any]) -> tuple[list[str], bool] | None:
    """What can be chosen for a parameter and whether several at once; None when it is no choice."""
    if "enum" in schema:
        return [str(item) for item in schema["enum"]], False
    items = schema.get("items", {})
    if "enum" in items:
        return [str(item) for item in items["enum"]], True
    lists = [
        option["items"]["enum"] for option in schema.get("anyOf", ()) if "enum" in option.get("items", {})
    ]
    return ([str(item) for item in lists[0]], True) if lists else None


def step_of(schema: Mapping[str, Any]) -> float:
    """A step that suits a number's size: whole for counts, about a twentieth of the default otherwise."""
    if schema.get("type") == "integer":
        return 1.0
    size = abs(float(schema.get("default") or schema.get("maximum") or 1.0))
    return float(10.0 ** math.floor(math.log10(size / 5.0))) if size else 0.1


def is_share(schema: Mapping[str, Any]) -> bool:
    """Whether a number is a share of something, best set as per cent."""
    unit = str(schema.get("unit", ""))
    return (
        schema.get("type") == "number"
        and float(schema.get("maximum", math.inf)) <= 1.0
        and float(schema.get("minimum", schema.get("exclusiveMinimum", -1.0))) >= 0.0
        and ("share" in unit or "per cent" in unit)
    )


def unit_text(t: Texts, unit: str) -> str:
    """A unit in the reader's language."""
    return term_words(unit, t.lang)[0]


def value_text(t: Texts, schema: Mapping[str, Any], value: Any) -> str:
    """A parameter's value as a reader writes it."""
    if isinstance(value, bool):
        return t("choice.yes") if value else t("choice.no")
    if isinstance(value, list | tuple):
        return ", ".join(t.term("choice", str(item)) for item in value)
    if isinstance(value, int | float):
        if is_share(schema):
            return _percent(t, float(value))
        return format_number(
            value, t.lang, 0 if float(value).is_integer() else len(f"{value:g}".split(".")[-1])
        )
    return t.term("choice", str(value))


def _percent(t: Texts, share: float) -> str:
    digits = 0 if abs(share * 100 - round(share * 100)) < 1e-9 else 1
    return format_number(share * 100, t.lang, digits) + ("\N{NO-BREAK SPACE}%" if t.lang == "sv" else "%")


class LeverForm:
    """Controls that change one use of a lever in place.

    Fields at their default are left out of the use, so that a scenario file says only what was chosen.

    Args:
        t: Texts in the reader's language.
        lever_id: The lever.
        use: Its entry in the scenario; changed in place.
        on_change: Called after each change.
        last_year: Last year that can be chosen.
        of_today: Whether the entry is that of a lever in force today, which has started already: it can be ended.
    """

    def __init__(
        self,
        t: Texts,
        lever_id: str,
        use: Use,
        on_change: Callable[[], Any],
        last_year: int = 2040,
        of_today: bool = False,
    ) -> None:
        self._t, self.lever_id, self.use, self._on_change = t, lever_id, use, on_change
        self._of_today = of_today
        self._years = range(HORIZON_START, last_year + 1)
        with ui.element("div").classes("stack"):
            self._dates()
            if of_today:
                return
            self._dose()
            self._regions()
            schemas = parameter_schemas(lever_id)
            if schemas:
                heading(3, t("form.own"))
                for name, schema in schemas.items():
                    self._parameter(name, schema)
            else:
                paragraph(t("form.none"), "muted")

    def _put(self, field: str, value: Any, default: Any = _REMOVED) -> None:
        if value is _REMOVED or value == default:
            self.use.pop(field, None)
        else:
            self.use[field] = value
        self._on_change()

    # -- fields that every lever has -------------------------------------------------------------------------------

    def _dates(self) -> None:
        t = self._t
        with ui.element("div").classes("row"):
            if not self._of_today:
                self._date("from", t("form.from"), str(self.use.get("from") or ""), None)
            self._date("until", t("form.until"), str(self.use.get("until") or ""), t("form.stays"))

    def _date(self, field: str, label: str, current: str, without: str | None) -> None:
        """A year and a month; without a year where ``without`` says what that means."""
        t = self._t
        year, month = _parts(current)
        known = sorted({*self._years, *([year] if year else [])})
        options: dict[int, str] = {0: without} if without else {}
        options |= {each: str(each) for each in known}

        def changed() -> None:
            chosen = int(year_box.value or 0)
            month_box.set_visibility(bool(chosen))
            self._put(field, f"{chosen}-{int(month_box.value):02d}-01" if chosen else _REMOVED)

        year_box = ui.select(options, label=label, value=year or (0 if without else FIRST_REFORM_YEAR))
        months = {number: t(f"month.{number}") for number in range(1, 13)}
        month_box = ui.select(months, label=t("form.month"), value=month)
        for box, width in ((year_box, "8rem"), (month_box, "8rem")):
            box.props("outlined dense options-dense").style(f"min-width:{width}").classes("grow")
            box.on_value_change(changed)
        month_box.set_visibility(bool(year_box.value))

    def _dose(self) -> None:
        t = self._t
        ramp = ui.number(t("form.ramp"), value=float(self.use.get("ramp_years", 0.0)), min=0, max=30, step=1)
        ramp.props(f'outlined dense hint="{t("form.ramp_hint")}"').classes("w-full")
        ramp.on_value_change(lambda: self._put("ramp_years", _within(ramp.value, 0.0, 30.0), 0.0))
        self._slider(
            t("form.strength"), t("form.strength_hint"), float(self.use.get("strength", 1.0)), 1.0,
            lambda share: self._put("strength", share, 1.0),
        )  # fmt: skip

    def _regions(self) -> None:
        t = self._t
        if is_national(self.lever_id):
            paragraph(t("form.nationwide"), "small muted")
            return
        options = {code: region_name(code) for code in REGION_CODES}
        box = ui.select(
            options, label=t("form.regions"), value=list(self.use.get("regions") or []), multiple=True
        )
        box.props(
            f'outlined dense options-dense use-chips clearable hint="{t("form.regions_hint")}"'
        ).classes("w-full")
        box.on_value_change(lambda: self._put("regions", sorted(box.value) if box.value else _REMOVED))

    # -- a lever's own parameters ----------------------------------------------------------------------------------

    def _parameter(self, name: str, schema: dict[str, Any]) -> None:
        label = schema.get("description_sv" if self._t.lang == "sv" else "description", name)
        default = schema.get("default")
        current = self.use.get(name, default)
        choices = choices_of(schema)
        unit = (
            ""
            if choices or schema.get("type") == "boolean"
            else unit_text(self._t, str(schema.get("unit", "")))
        )
        hint = self._t(
            "form.default", value=value_text(self._t, schema, default), source=schema.get("source", "")
        )
        hint = f"{unit}; {hint}" if unit else hint
        with ui.element("div").classes("w-full").props(f"data-parameter={name}"):
            if choices is not None:
                self._choice(name, label, choices, current, default)
            elif schema.get("type") == "boolean":
                box = ui.switch(label, value=bool(current))
                box.on_value_change(lambda: self._put(name, bool(box.value), default))
            elif is_share(schema):
                most = float(schema["maximum"])
                self._slider(
                    label, "", float(current or 0.0), most, lambda share: self._put(name, share, default)
                )
            elif schema.get("type") in ("number", "integer"):
                self._number(name, label, schema, current)
            else:
                self._kept(name, label, current, default)
            paragraph(hint, "small muted")

    def _choice(
        self, name: str, label: str, choices: tuple[list[str], bool], current: Any, default: Any
    ) -> None:
        names, several = choices
        options = {choice: self._t.term("choice", choice) for choice in names}
        value: Any = ([current] if isinstance(current, str) else list(current)) if several else current
        box = ui.select(options, label=label, value=value, multiple=several)
        box.props("outlined dense options-dense" + (" use-chips" if several else "")).classes("w-full")

        def changed() -> None:
            if not several:
                self._put(name, box.value, default)
            elif box.value or _may_be_empty(parameter_schemas(self.lever_id)[name]):
                self._put(name, [choice for choice in names if choice in box.value], default)

        box.on_value_change(changed)

    def _number(self, name: str, label: str, schema: Mapping[str, Any], current: Any) -> None:
        above, low, high = schema.get("exclusiveMinimum"), schema.get("minimum"), schema.get("maximum")
        lowest = above if low is None else low
        step = step_of(schema)
        box = (
            ui.number(label, value=current, min=lowest, max=high, step=step)
            .props("outlined dense")
            .classes("w-full")
        )

        def changed() -> None:
            if box.value is None:
                return
            value = _within(float(box.value), lowest, high)
            if above is not None and value <= float(above):
                value = float(above) + step
            self._put(name, int(value) if schema.get("type") == "integer" else value, schema.get("default"))

        box.on_value_change(changed)

    def _slider(self, label: str, hint: str, value: float, most: float, told: Callable[[float], Any]) -> None:
        """A share from 0 to ``most``, set as per cent with a slider that the arrow keys move."""
        step = 0.01 if most > 0.2 else 0.005
        with ui.element("div").classes("w-full"):
            with ui.element("div").classes("row apart"):
                ui.label(label)
                shown = ui.label(_percent(self._t, value)).classes("strong")
            slider = ui.slider(min=0, max=most, step=step, value=value)
            slider.props(f'aria-label="{label.replace(chr(34), chr(8221))}" debounce=200')
            if hint:
                paragraph(hint, "small muted")

        def changed() -> None:
            share = round(float(slider.value), 4)
            shown.set_text(_percent(self._t, share))
            told(share)

        slider.on_value_change(changed)

    def _kept(self, name: str, label: str, current: Any, default: Any) -> None:
        """A parameter that is no plain choice: the default, or what a file says, which stays as it is there."""
        t = self._t
        ui.label(f"{label}: {t.term('choice', current) if isinstance(current, str) else t('form.kept')}")
        if current != default:
            ui.button(t("form.reset"), on_click=lambda: self._put(name, _REMOVED)).props("flat dense no-caps")


def _may_be_empty(schema: Mapping[str, Any]) -> bool:
    return not any("minItems" in option for option in (schema, *schema.get("anyOf", ())))


def _parts(day: str) -> tuple[int, int]:
    """Year and month of a date as text; no year and January where there is none."""
    try:
        return int(day[:4]), int(day[5:7])
    except ValueError:
        return 0, _JANUARY


def _within(value: Any, low: float | None, high: float | None) -> float:
    number = float(value or 0.0)
    number = number if low is None else max(number, float(low))
    return number if high is None else min(number, float(high))
