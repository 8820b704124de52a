"""A lever's worked example in words, read from ``docs/levers/worked``: for its page and for the command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.report.labels import Lang, area_label, format_number, thin_data_note
from sim.scenario.regions import REGION_NAMES

WORKED = Path(__file__).resolve().parents[2] / "docs" / "levers" / "worked"
#: Below this, money is too little to be written, MSEK a year.
_LITTLE = 0.1

_QUANTITIES: dict[str, dict[Lang, str]] = {
    "spread_pp": {
        "en": "spread between regions (standard deviation), percentage points",
        "sv": "skillnad mellan regioner (standardavvikelse), procentenheter",
    },
    "sweden_percent": {"en": "Sweden, per cent", "sv": "Sverige, procent"},
    "lowest_percent": {"en": "lowest region, per cent", "sv": "lägsta region, procent"},
    "highest_percent": {"en": "highest region, per cent", "sv": "högsta region, procent"},
}
_PAYERS: dict[str, dict[Lang, str]] = {
    "state": {"en": "state", "sv": "staten"},
    "region": {"en": "regions", "sv": "regionerna"},
    "municipality": {"en": "municipalities", "sv": "kommunerna"},
    "patient": {"en": "patients", "sv": "patienterna"},
    "all": {"en": "all payers", "sv": "alla betalare"},
}
_OUTCOMES: dict[str, dict[Lang, str]] = {
    "orphan_drugs": {
        "en": "treated within 24 months of approval",
        "sv": "behandlade inom 24 månader efter godkännande",
    },
    "mental_health": {
        "en": "started recommended treatment within 90 days",
        "sv": "påbörjat rekommenderad behandling inom 90 dagar",
    },
    "assistive_devices": {
        "en": "with a suitable device in use within 90 days",
        "sv": "med passande hjälpmedel i bruk inom 90 dagar",
    },
}
_SAID: dict[str, dict[Lang, str]] = {
    "added": {
        "en": "Added to today's rules from {start}, with default parameters.",
        "sv": "Tillagt till dagens regler från {start}, med förvalda parametrar.",
    },
    "removed": {
        "en": "It is in force today, so the example takes it away from {start}.",
        "sv": "Det gäller i dag, så exemplet tar bort det från {start}.",
    },
    "replaced": {
        "en": "It cannot stand beside {others}, which end then.",
        "sv": "Det kan inte gälla samtidigt som {others}, som då upphör.",
    },
    "run": {
        "en": "Run {years}; numbers are means over {first}–{last}. {seeds} seeds, draw {draw}, {scale} of the people; "
        "each area by itself. In brackets 95 % intervals over luck only: the strength of most effects is assumed.",
        "sv": "Körning {years}; siffrorna är medel över {first}–{last}. {seeds} frön, dragning {draw}, {scale} av "
        "befolkningen; varje område för sig. Inom parentes 95 % intervall över enbart slump: styrkan i de flesta "
        "effekter är antagen.",
    },
    "nothing": {
        "en": "Not one number of the outcome changed.",
        "sv": "Inte en siffra i utfallet ändrades.",
    },
    "no_effect": {
        "en": "No measurable effect on the spread at this scale: its interval covers zero.",
        "sv": "Ingen mätbar effekt på skillnaden i denna skala: intervallet täcker noll.",
    },
    "fell": {
        "en": "The spread between regions fell by {size} percentage points.",
        "sv": "Skillnaden mellan regioner föll med {size} procentenheter.",
    },
    "rose": {
        "en": "The spread between regions rose by {size} percentage points.",
        "sv": "Skillnaden mellan regioner steg med {size} procentenheter.",
    },
    "tiny": {"en": "That is too little to matter.", "sv": "Det är för lite för att ha betydelse."},
    "money": {"en": "Change in cost, MSEK a year: {parts}.", "sv": "Ändrad kostnad, mnkr per år: {parts}."},
    "no_money": {"en": "No payer's cost changed.", "sv": "Ingen betalares kostnad ändrades."},
    "persons": {
        "en": "Persons a year: {gaining} reach the outcome only with it, {losing} only without it.",
        "sv": "Personer per år: {gaining} når utfallet bara med det, {losing} bara utan det.",
    },
    "head": {"en": "{area}: share {outcome}", "sv": "{area}: andel {outcome}"},
    "region": {"en": "In {region}", "sv": "I {region}"},
    "today": {"en": "today", "sv": "i dag"},
    "with": {"en": "with it", "sv": "med det"},
    "without": {"en": "without it", "sv": "utan det"},
    "difference": {"en": "difference", "sv": "skillnad"},
}


@dataclass(frozen=True)
class WorkedArea:
    """One area of a worked example in words.

    Attributes:
        title: The area and its primary outcome.
        head: Headings of the table.
        rows: Rows of the table: quantity, today, with the lever, difference.
        sentences: What it says in words for the country.
        region: Name of the example region.
        links: The chain in the region: heading and sentences.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sentences: tuple[str, ...]
    region: str
    links: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class WorkedText:
    """A worked example in words.

    Attributes:
        setting: What was run.
        areas: One entry a care area.
    """

    setting: tuple[str, ...]
    areas: tuple[WorkedArea, ...]


def read_worked(lever_id: str, folder: Path = WORKED) -> dict[str, Any] | None:
    """A lever's worked example as it was written, None when there is none."""
    path = folder / f"{lever_id}.json"
    if not path.is_file():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def worked_text(worked: Mapping[str, Any], lang: Lang) -> WorkedText:
    """A worked example in words.

    Args:
        worked: What ``read_worked`` gave.
        lang: ``sv`` or ``en``.
    """
    run, areas = worked["run"], worked["areas"]
    years = next(iter(areas.values()))["years"]
    scale = " / ".join(format_number(100.0 * share, lang) for share in run["scale"].values())
    setting = [_t(worked["how"], lang, start=run["from"])]
    if worked["replaced"]:
        setting.append(_t("replaced", lang, others=", ".join(worked["replaced"])))
    setting.append(
        _t(
            "run", lang, years=run["years"].replace("-", "–"), first=years[0], last=years[1],
            seeds=len(run["seeds"]), draw=run["draw"], scale=f"{scale} %",
        )
    )  # fmt: skip
    made = tuple(_area(worked, area, lang) for area in areas)
    return WorkedText(tuple(setting), made)


def _t(key: str, lang: Lang, **fields: object) -> str:
    return _SAID[key][lang].format(**fields)


def _area(worked: Mapping[str, Any], area: str, lang: Lang) -> WorkedArea:
    content = worked["areas"][area]
    nation = content["nation"]
    other = "without" if worked["how"] == "removed" else "with"
    rows = [
        (_QUANTITIES[name][lang], _plain(nation[name]["base"], lang), _plain(nation[name]["reform"], lang),
         difference_text(nation[name], lang))
        for name in _QUANTITIES if name in nation
    ]  # fmt: skip
    sentences = [
        effect_words(content, lang),
        _money(nation["money_msek"], lang),
        _persons(worked, nation, lang),
    ]
    thin = thin_data_note(area, lang)
    links = tuple(
        (section["title"], tuple(section["sentences"])) for section in content["region"][lang]["sections"]
    )
    code = worked["run"]["region"]
    return WorkedArea(
        title=_t("head", lang, area=area_label(area, lang), outcome=_OUTCOMES[area][lang]),
        head=("", _t("today", lang), _t(other, lang), _t("difference", lang)),
        rows=tuple(rows),
        sentences=tuple(text for text in (*sentences, f"{thin}." if thin else "") if text),
        region=_t("region", lang, region=f"{REGION_NAMES[code]} ({code})"),
        links=links,
    )


def _plain(value: float | None, lang: Lang) -> str:
    return "–" if value is None else format_number(value, lang, 2)


def difference_text(numbers: Mapping[str, float | None], lang: Lang) -> str:
    """A difference with its interval."""
    difference, low, high = numbers["difference"], numbers["low"], numbers["high"]
    if difference is None:
        return "–"
    if not any((difference, low, high)):
        return "0"
    digits = 2 if abs(difference) >= 0.05 else 3
    written = _signed(difference, lang, digits)
    if low is None or high is None:
        return written
    to = {"en": "to", "sv": "till"}[lang]
    return f"{written} ({_signed(low, lang, digits)} {to} {_signed(high, lang, digits)})"


def _signed(value: float, lang: Lang, digits: int) -> str:
    written = format_number(value, lang, digits)
    return f"+{written}" if value > 0.0 and any(figure in written for figure in "123456789") else written


def effect_words(content: Mapping[str, Any], lang: Lang) -> str:
    """What the example says of the spread, and no more than it can.

    Args:
        content: One area of a worked example.
        lang: ``sv`` or ``en``.
    """
    nation = content["nation"]
    spread = nation.get("spread_pp")
    if spread is None:
        return _t("no_effect", lang)
    if not any(nation[name]["difference"] for name in _QUANTITIES if name in nation):
        return _t("nothing", lang)
    difference, low, high = spread["difference"], spread["low"], spread["high"]
    if low is None or high is None or low <= 0.0 <= high:
        return _t("no_effect", lang)
    size = format_number(abs(difference), lang, 2 if abs(difference) >= 0.05 else 3)
    words = _t("fell" if difference < 0.0 else "rose", lang, size=size)
    return f"{words} {_t('tiny', lang)}" if abs(difference) < 0.05 else words


def _money(money: Mapping[str, Mapping[str, float | None]], lang: Lang) -> str:
    parts = []
    for payer, numbers in money.items():
        difference = numbers["difference"] or 0.0
        if abs(difference) < _LITTLE:
            continue
        unknown = numbers["low"] is None or numbers["high"] is None
        covers = not unknown and (numbers["low"] or 0.0) <= 0.0 <= (numbers["high"] or 0.0)
        sign = _signed(difference, lang, 0 if abs(difference) >= 10.0 else 1)
        doubt = {"en": " (not told from chance)", "sv": " (går inte att skilja från slump)"}[lang]
        parts.append(f"{_PAYERS[payer][lang]} {sign}{doubt if covers else ''}")
    return _t("money", lang, parts="; ".join(parts)) if parts else _t("no_money", lang)


def _persons(worked: Mapping[str, Any], nation: Mapping[str, Any], lang: Lang) -> str:
    gaining, losing = nation["gaining_a_year"], nation["losing_a_year"]
    if gaining is None or losing is None:
        return ""
    if worked["how"] == "removed":  # the reform of the run is the world without the lever
        gaining, losing = losing, gaining
    digits = 0 if max(gaining, losing) >= 10.0 else 1
    return _t(
        "persons", lang, gaining=format_number(gaining, lang, digits), losing=format_number(losing, lang, digits)
    )  # fmt: skip
