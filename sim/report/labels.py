"""The words of every figure, in Swedish and English, and how a number is written for a reader.

Everything a reader sees comes from here, so that a translation is a change in one file. `TEXT` maps an id to
its Swedish and English wording; `INDICATORS`, `AREAS`, `SOURCES`, `PARTS` and `PAYERS` do the same for the ids
of the results tables. An indicator without an entry is still shown, under its own id made readable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Lang = Literal["sv", "en"]
LANGUAGES: tuple[Lang, ...] = ("sv", "en")

Label = dict[str, str]


@dataclass(frozen=True, slots=True)
class IndicatorLabel:
    """How an indicator is named and read.

    Attributes:
        title: plain name in both languages.
        higher_is_better: True or False where the direction is agreed, None where it is not (spending, say).
    """

    title: Label
    higher_is_better: bool | None


AREAS: dict[str, Label] = {
    "orphan_drugs": {"sv": "Särläkemedel", "en": "Orphan drugs"},
    "mental_health": {"sv": "Psykisk ohälsa i primärvården", "en": "Mental ill-health in primary care"},
    "assistive_devices": {"sv": "Hjälpmedel", "en": "Assistive devices"},
}

PRIMARY_OUTCOMES: dict[str, str] = {
    "orphan_drugs": "share_treated_24m",
    "mental_health": "share_started_90d",
    "assistive_devices": "share_suitable_90d",
}
"""The one outcome per area that was fixed in advance."""

# The order is the order in which extra maps are chosen.
INDICATORS: dict[str, IndicatorLabel] = {
    "share_treated_24m": IndicatorLabel(
        {
            "sv": "andel behandlade inom 24 månader från EMA-godkännande",
            "en": "share treated within 24 months of EMA approval",
        },
        higher_is_better=True,
    ),
    "share_started_90d": IndicatorLabel(
        {
            "sv": "andel som börjat rekommenderad behandling inom 90 dagar",
            "en": "share starting recommended treatment within 90 days",
        },
        higher_is_better=True,
    ),
    "share_suitable_90d": IndicatorLabel(
        {
            "sv": "andel med ett lämpligt hjälpmedel i bruk inom 90 dagar",
            "en": "share with a suitable device in use within 90 days",
        },
        higher_is_better=True,
    ),
    "share_treated": IndicatorLabel(
        {"sv": "andel behandlade av alla med behov", "en": "share treated of all in need"},
        higher_is_better=True,
    ),
    "time_to_treatment": IndicatorLabel(
        {"sv": "tid till behandling", "en": "time to treatment"}, higher_is_better=False
    ),
    "time_to_assessment": IndicatorLabel(
        {"sv": "tid till första bedömning", "en": "time to first assessment"}, higher_is_better=False
    ),
    "own_cost": IndicatorLabel(
        {"sv": "patientens egen kostnad", "en": "the patient's own cost"}, higher_is_better=False
    ),
    "own_cost_share_of_income": IndicatorLabel(
        {"sv": "egen kostnad som andel av inkomsten", "en": "own cost as a share of income"},
        higher_is_better=False,
    ),
    "share_forgone_cost": IndicatorLabel(
        {"sv": "andel som avstår på grund av kostnaden", "en": "share forgoing care because of the cost"},
        higher_is_better=False,
    ),
    "qaly_lost": IndicatorLabel(
        {"sv": "förlorade kvalitetsjusterade levnadsår", "en": "quality-adjusted life years lost"},
        higher_is_better=False,
    ),
    "cost_per_inhabitant": IndicatorLabel(
        {"sv": "kostnad per invånare", "en": "spending per inhabitant"}, higher_is_better=None
    ),
    "staff_per_100k": IndicatorLabel(
        {"sv": "personal per 100 000 invånare", "en": "staff per 100,000 inhabitants"}, higher_is_better=None
    ),
}

# Where variance sits, from the region down to the individual: the order of every level figure.
PARTS: dict[str, Label] = {
    "region": {"sv": "Region", "en": "Region"},
    "provider": {"sv": "Verksamhet", "en": "Provider"},
    "professional": {"sv": "Medarbetare", "en": "Professional"},
    "individual": {"sv": "Individ och slump", "en": "Individual and chance"},
}

SOURCES: dict[str, Label] = {
    "need": {"sv": "Behov", "en": "Need"},
    "endowment": {"sv": "Resurser och läge", "en": "Money, staff, distance"},
    "region_rules": {"sv": "Regionens regler", "en": "Region rules"},
    "provider": {"sv": "Verksamheten", "en": "Provider"},
    "professional": {"sv": "Medarbetarens praxis", "en": "Professional practice"},
}

TEXT: dict[str, Label] = {
    "inequality.title": {"sv": "{area}: {indicator}", "en": "{area}: {indicator}"},
    "inequality.regions": {"sv": "Varje region", "en": "Each region"},
    "inequality.share_axis": {"sv": "Procent av alla med behov", "en": "Per cent of everybody in need"},
    "inequality.gap": {
        "sv": "Skillnad mellan regioner (standardavvikelse)",
        "en": "Difference between regions (standard deviation)",
    },
    "inequality.points_axis": {"sv": "Procentenheter", "en": "Percentage points"},
    "inequality.value_axis": {"sv": "Samma enhet som måttet", "en": "Same unit as the indicator"},
    "inequality.latent": {"sv": "Utan slump", "en": "Chance removed"},
    "inequality.observed": {"sv": "Observerad", "en": "Observed"},
    "inequality.chance": {"sv": "Bara slump", "en": "Chance alone"},
    "inequality.range": {
        "sv": "Färgat fält: spridning mellan {n} frön",
        "en": "Shaded: spread over {n} seeds",
    },
    "inequality.range_90": {
        "sv": "Färgat fält: mittersta 90 % av {n} frön",
        "en": "Shaded: middle 90% of {n} seeds",
    },
    "inequality.no_latent": {
        "sv": "Skillnaden utan slump saknas: den kräver minst två frön.",
        "en": "The difference with chance removed is missing: it needs at least two seeds.",
    },
    "sweden": {"sv": "Hela Sverige", "en": "Sweden as a whole"},
    "mean_of_regions": {"sv": "Regionernas medel", "en": "Mean of the regions"},
    "region.highest": {"sv": "högst {year}", "en": "highest {year}"},
    "region.lowest": {"sv": "lägst {year}", "en": "lowest {year}"},
    "map.title": {"sv": "{area}: {indicator}, {year}", "en": "{area}: {indicator}, {year}"},
    "map.better_worse": {
        "sv": "Blått: bättre än {reference}. Orange: sämre.",
        "en": "Blue: better than {reference}. Orange: worse.",
    },
    "map.higher_lower": {
        "sv": "Grönt: högre än {reference}. Lila: lägre.",
        "en": "Green: higher than {reference}. Purple: lower.",
    },
    "map.bar": {"sv": "Avvikelse, {unit}", "en": "Difference, {unit}"},
    "map.hatched": {
        "sv": "Streckat: kan vara bara slump ett enskilt år",
        "en": "Hatched: could be chance alone in a single year",
    },
    "map.no_hatching": {
        "sv": "Slumpens del är inte bedömd.",
        "en": "The part played by chance is not assessed.",
    },
    "map.missing": {"sv": "uppgift saknas", "en": "no value"},
    "kind.latent": {"sv": "Modellens sannolikheter (slump borttagen)", "en": "Model probabilities (chance removed)"},
    "kind.observed": {"sv": "Simulerade utfall", "en": "Simulated outcomes"},
    "levels.title": {
        "sv": "{area}: på vilken nivå skillnaderna mellan patienter finns",
        "en": "{area}: at which level the differences between patients sit",
    },
    "levels.now": {"sv": "Hela variationen, {year}", "en": "All variation, {year}"},
    "levels.now_axis": {"sv": "Procent av variationen mellan patienter", "en": "Per cent of the variation"},
    "levels.years": {"sv": "Utan ”Individ och slump”, år för år", "en": "Without “Individual and chance”, year by year"},
    "levels.note": {
        "sv": "Visar var variationen finns, inte vad som orsakar den.",
        "en": "Shows where the variation sits, not what causes it.",
    },
    "levels.none": {"sv": "Ingen variation att dela upp", "en": "No variation to divide"},
    "causes.title": {
        "sv": "Vad skillnaderna mellan regioner kommer av",
        "en": "Where the differences between regions come from",
    },
    "causes.axis": {
        "sv": "Bidrag till skillnaden mellan regioner, procentenheter",
        "en": "Contribution to the difference between regions, percentage points",
    },
    "causes.note": {
        "sv": "Hur mycket standardavvikelsen mellan regioner faller när källan stängs av (Shapleymedel). "
        "Linje: osäkerhetsintervall.",
        "en": "Fall in the between-region standard deviation when the source is switched off (Shapley average). "
        "Line: uncertainty interval.",
    },
    "world": {"sv": "Scenario {scenario} · {seeds} · dragning {draw}", "en": "Scenario {scenario} · {seeds} · draw {draw}"},
    "seeds.one": {"sv": "1 frö", "en": "1 seed"},
    "seeds.many": {"sv": "{n} frön", "en": "{n} seeds"},
    "no_data": {"sv": "Inga uppgifter", "en": "No data"},
}

# Short names: "Region Jämtland Härjedalen" does not fit in a tile.
REGION_NAMES: dict[str, str] = {
    "01": "Stockholm", "03": "Uppsala", "04": "Sörmland", "05": "Östergötland", "06": "Jönköping",
    "07": "Kronoberg", "08": "Kalmar", "09": "Gotland", "10": "Blekinge", "12": "Skåne", "13": "Halland",
    "14": "Västra Götaland", "17": "Värmland", "18": "Örebro", "19": "Västmanland", "20": "Dalarna",
    "21": "Gävleborg", "22": "Västernorrland", "23": "Jämtland", "24": "Västerbotten", "25": "Norrbotten",
}  # fmt: skip

REGION_LETTERS: dict[str, str] = {
    "01": "AB", "03": "C", "04": "D", "05": "E", "06": "F", "07": "G", "08": "H", "09": "I", "10": "K",
    "12": "M", "13": "N", "14": "O", "17": "S", "18": "T", "19": "U", "20": "W", "21": "X", "22": "Y",
    "23": "Z", "24": "AC", "25": "BD",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """How values of one unit are written.

    Attributes:
        factor: what a stored value is multiplied with before it is written (100 for a share).
        suffix: what follows a value, such as `"%"` or `"days"`.
        difference: the unit of a difference between two values.
        digits: decimals of a value.
    """

    factor: float
    suffix: Label
    difference: Label
    digits: int


def _same(sv: str, en: str, digits: int = 0) -> Unit:
    words = {"sv": sv, "en": en}
    return Unit(1.0, words, words, digits)


_POINTS: Label = {"sv": "procentenheter", "en": "percentage points"}
_PERCENT: Label = {"sv": "%", "en": "%"}

UNITS: dict[str, Unit] = {
    "share": Unit(100.0, _PERCENT, _POINTS, 0),
    "percent": Unit(1.0, _PERCENT, _POINTS, 0),
    "sek": _same("kr", "SEK"),
    "msek": _same("mnkr", "MSEK", 1),
    "days": _same("dagar", "days"),
    "months": _same("mån", "months", 1),
    "years": _same("år", "years", 1),
    "qaly": _same("QALY", "QALYs", 1),
    "persons": _same("personer", "people"),
}

_UNIT_ALIASES: dict[str, str] = {
    "probability": "share", "proportion": "share", "fraction": "share", "%": "percent", "per cent": "percent",
    "kr": "sek", "day": "days", "month": "months", "year": "years", "qalys": "qaly", "patients": "persons",
    "people": "persons", "person": "persons",
}  # fmt: skip


def check_lang(lang: str) -> Lang:
    """Return `lang` if figures exist in it.

    Raises:
        ValueError: `lang` is neither `"sv"` nor `"en"`.
    """
    if lang == "sv":
        return "sv"
    if lang == "en":
        return "en"
    raise ValueError(f"unknown language {lang!r}; figures exist in {', '.join(LANGUAGES)}")


def text(label_id: str, lang: Lang, **fields: object) -> str:
    """Return the wording of `label_id` in `lang` with `fields` filled in.

    Raises:
        KeyError: there is no such label.
    """
    return TEXT[label_id][lang].format(**fields)


def area_label(area: str, lang: Lang) -> str:
    """Return the plain name of a care area, or its id made readable."""
    return AREAS[area][lang] if area in AREAS else _readable(area).capitalize()


def indicator_label(indicator: str, lang: Lang) -> str:
    """Return the plain name of an indicator, or its id made readable."""
    return INDICATORS[indicator].title[lang] if indicator in INDICATORS else _readable(indicator)


def higher_is_better(indicator: str) -> bool | None:
    """Return the agreed direction of an indicator; None where there is none or it is not known."""
    return INDICATORS[indicator].higher_is_better if indicator in INDICATORS else None


def find_unit(unit: str) -> Unit:
    """Return how values of `unit` are written; an unknown unit is written as it stands, after the value."""
    key = str(unit).strip().lower()
    known = UNITS.get(_UNIT_ALIASES.get(key, key))
    if known is not None:
        return known
    words = str(unit).strip()
    return _same(words, words, 1)


def format_number(value: float, lang: Lang, digits: int = 0) -> str:
    """Write a number the way the language does (decimal comma and spaced thousands in Swedish)."""
    if not math.isfinite(value):
        return "–"
    written = f"{value:,.{digits}f}"
    if float(written.replace(",", "")) == 0.0:
        written = written.lstrip("-")
    written = written.replace("-", "\N{MINUS SIGN}")
    if lang == "sv":
        written = written.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    return written


def format_value(value: float, unit: str, lang: Lang, digits: int | None = None) -> str:
    """Write a stored value with its unit: a share 0.624 becomes `62%` in English and `62 %` in Swedish."""
    how = find_unit(unit)
    if not math.isfinite(value):
        return "–"
    number = format_number(value * how.factor, lang, how.digits if digits is None else digits)
    suffix = how.suffix[lang]
    if suffix == "%" and lang == "en":
        return number + suffix
    return f"{number}\N{NO-BREAK SPACE}{suffix}" if suffix else number


def seeds_label(n: int, lang: Lang) -> str:
    """Write how many seeds a figure rests on."""
    return text("seeds.one", lang) if n == 1 else text("seeds.many", lang, n=n)


def _readable(name: str) -> str:
    return name.replace("_", " ").strip()
