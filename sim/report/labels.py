"""The words of every figure, in Swedish and English, and how a number is written for a reader.

`TEXT` maps an id to its Swedish and English wording; `AREAS`, `SOURCES`, `PARTS` and `UNITS` do the same for
the ids of the results tables. Indicators are named by the care areas themselves; one that no area knows is
shown under its own id made readable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from sim.scenario.regions import REGION_NAMES

if TYPE_CHECKING:
    from sim.care.frame import IndicatorInfo

Lang = Literal["sv", "en"]
LANGUAGES: tuple[Lang, ...] = ("sv", "en")

Label = dict[str, str]


AREAS: dict[str, Label] = {
    "orphan_drugs": {"sv": "Särläkemedel", "en": "Orphan drugs"},
    "mental_health": {"sv": "Psykisk ohälsa i primärvården", "en": "Mental ill-health in primary care"},
    "assistive_devices": {"sv": "Hjälpmedel", "en": "Assistive devices"},
}

# Where variance sits, from the region down to the individual: the order of every level figure.
PARTS: dict[str, Label] = {
    "region": {"sv": "Region", "en": "Region"},
    "provider": {"sv": "Verksamhet", "en": "Provider"},
    "professional": {"sv": "Medarbetare", "en": "Professional"},
    "individual": {"sv": "Individ", "en": "Individual"},
}

# What a provider is in each area.
PROVIDERS: dict[str, Label] = {
    "orphan_drugs": {"sv": "en läkemedelsklinik", "en": "a drug clinic"},
    "mental_health": {"sv": "en vårdcentral", "en": "a primary-care centre"},
    "assistive_devices": {"sv": "en förskrivarenhet", "en": "a prescriber unit"},
}

# Areas with so few data behind them that their figures show scenarios, not estimates.
THIN_AREAS: frozenset[str] = frozenset({"assistive_devices"})

SOURCES: dict[str, Label] = {
    "need": {"sv": "Behov", "en": "Need"},
    "endowment": {"sv": "Resurser och läge", "en": "Money, staff, distance"},
    "region_rules": {"sv": "Regionens regler", "en": "Region rules"},
    "provider": {"sv": "Verksamheten", "en": "Provider"},
    "professional": {"sv": "Medarbetarens praxis", "en": "Professional practice"},
}

TEXT: dict[str, Label] = {
    "regions": {"sv": "Varje region", "en": "Each region"},
    "gap": {"sv": "Skillnad mellan regioner", "en": "Difference between regions"},
    "gap.axis": {"sv": "Standardavvikelse, {unit}", "en": "Standard deviation, {unit}"},
    "gap.latent": {"sv": "Utan slump", "en": "Chance removed"},
    "gap.observed": {"sv": "Räknad", "en": "As counted"},
    "gap.chance": {"sv": "Bara slump", "en": "Chance alone"},
    "gap.range": {
        "sv": "Blått fält: lägsta till högsta av {n} slumpfrön.",
        "en": "Blue band: lowest to highest of {n} seeds.",
    },
    "gap.range_90": {
        "sv": "Blått fält: mittersta 90 % av {n} slumpfrön.",
        "en": "Blue band: middle 90% of {n} seeds.",
    },
    "gap.no_latent": {
        "sv": "Skillnaden utan slump saknas: den kräver fler slumpfrön.",
        "en": "The difference with chance removed is missing: it needs more seeds.",
    },
    "sample": {
        "sv": "Räknat på var {n}:e person, så slumpen är större än i hela landet.",
        "en": "Counted on 1 person in {n}, so chance is larger than in the whole country.",
    },
    "sweden": {"sv": "Sverige", "en": "Sweden"},
    "mean_of_regions": {"sv": "Regionernas medel", "en": "Mean of regions"},
    "highest": {"sv": "högsta region", "en": "highest region"},
    "lowest": {"sv": "lägsta region", "en": "lowest region"},
    "in_year": {"sv": "år {year}", "en": "in {year}"},
    "example": {
        "sv": "Simulerat exempel: mycket av det som skiljer regionerna åt är antaget eller slumpat. "
        "En enskild regions plats är inget resultat.",
        "en": "Simulated example: much of what sets regions apart here is assumed or drawn at random. "
        "A single region's place is not a finding.",
    },
    "thin_data": {"sv": "Scenariomodell: tunna data", "en": "Scenario model: thin data"},
    "drawn.wholly": {"sv": "DRAGET, INTE DATA", "en": "DRAWN, NOT DATA"},
    "drawn.partly": {"sv": "DELVIS DRAGET, INTE DATA", "en": "PARTLY DRAWN, NOT DATA"},
    "drawn.note": {
        "sv": "Vilka regioner som ligger var är draget av slumpen, eftersom uppgifter saknas.",
        "en": "Which regions stand where is drawn at random, since data are missing.",
    },
    "gap.few_drugs": {
        "sv": "Varje år gäller de få läkemedel vars 24 månader går ut det året: "
        "svängningarna är mest läkemedlens.",
        "en": "Each year concerns the few drugs whose 24 months end that year: "
        "the swings are mostly the drugs.",
    },
    "map.sweden": {"sv": "Sveriges medel", "en": "Sweden's mean"},
    "map.mean_of_regions": {"sv": "regionernas medel", "en": "the mean of regions"},
    "map.better_worse": {
        "sv": "Blått: gynnsammare än {reference}. Orange: mindre gynnsamt.",
        "en": "Blue: more favourable than {reference}. Orange: less.",
    },
    "map.higher_lower": {
        "sv": "Grönt: högre än {reference}. Lila: lägre.",
        "en": "Green: higher than {reference}. Purple: lower.",
    },
    "map.bar": {"sv": "Avvikelse, {unit}", "en": "Difference, {unit}"},
    "map.hatched": {
        "sv": "Streckat och blekare: kan vara bara slump ett enskilt år",
        "en": "Hatched and paler: can be chance alone in a single year",
    },
    "map.latent": {
        "sv": "Modellens väntevärden vid lika behov.",
        "en": "The model's expected values at equal need.",
    },
    "map.latent_hatched": {
        "sv": "Streckat: i ett enskilt års verkliga antal hade skillnaden inte gått att skilja från slump.",
        "en": "Hatched: in one year's real counts this difference could not be told from chance.",
    },
    "map.bar_plain": {"sv": "Avvikelse", "en": "Difference"},
    "map.no_hatching": {
        "sv": "Slumpens del är inte bedömd för detta mått.",
        "en": "The part played by chance is not assessed for this indicator.",
    },
    "map.one_seed": {
        "sv": "Slumpens del är inte bedömd: det kräver minst två slumpfrön.",
        "en": "The part played by chance is not assessed: it needs at least two seeds.",
    },
    "map.missing": {"sv": "uppgift saknas", "en": "no value"},
    "kind.latent": {
        "sv": "Modellens väntevärden vid lika behov, utan slump",
        "en": "The model's expected values at equal need, chance removed",
    },
    "kind.observed": {"sv": "Simulerade utfall", "en": "Simulated outcomes"},
    "levels.title": {
        "sv": "Var skillnader mellan patienter finns (inte skillnader mellan regioner)",
        "en": "Where differences between patients sit (not differences between regions)",
    },
    "levels.now": {"sv": "Hela variationen, {year}", "en": "All variation, {year}"},
    "levels.axis": {"sv": "Procent av variationen", "en": "Per cent of the variation"},
    "levels.years": {"sv": "År för år, utan individnivån", "en": "Year by year, without the individual"},
    "levels.note": {
        "sv": "Variationen i sannolikheten att få vård. Visar var den finns, inte vad som orsakar den.",
        "en": "The variation in the probability of getting care. Shows where it sits, not what causes it.",
    },
    "levels.provider": {"sv": "Verksamhet är här {provider}.", "en": "A provider is here {provider}."},
    "levels.none": {"sv": "Ingen variation att dela upp", "en": "No variation to divide"},
    "causes.kicker": {"sv": "Fem källor till skillnader", "en": "Five sources of difference"},
    "causes.title": {
        "sv": "Vad skillnaderna mellan regioner kommer av",
        "en": "Where the differences between regions come from",
    },
    "causes.axis": {
        "sv": "Bidrag till standardavvikelsen mellan regioner, procentenheter",
        "en": "Contribution to the between-region standard deviation, percentage points",
    },
    "causes.note": {
        "sv": "Hur mycket skillnaden faller när källan stängs av, i medel över alla ordningar (Shapley).",
        "en": "Fall in the difference when the source is switched off, averaged over all orders (Shapley).",
    },
    "causes.interval_seeds": {
        "sv": "Svart linje: 95 % intervall över slumpfrön.", "en": "Black line: 95% interval over seeds.",
    },
    "causes.interval_draws": {
        "sv": "Svart linje: mittersta 90 % av {n} dragningar av okända fakta.",
        "en": "Black line: middle 90% of {n} draws of unknown facts.",
    },
    "world": {
        "sv": "Scenario {scenario} · {seeds} · dragning {draw}",
        "en": "Scenario {scenario} · {seeds} · draw {draw}",
    },
    "seeds.one": {"sv": "1 slumpfrö", "en": "1 seed"},
    "seeds.many": {"sv": "{n} slumpfrön", "en": "{n} seeds"},
    "no_data": {"sv": "Inga uppgifter", "en": "No data"},
}  # fmt: skip

# The full names do not fit in a tile.
_SHORT_NAMES: dict[str, str] = {"06": "Jönköping", "08": "Kalmar", "18": "Örebro", "23": "Jämtland"}


@dataclass(frozen=True, slots=True)
class Unit:
    """How values of one unit are written.

    Attributes:
        factor: what a stored value is multiplied with before it is written (100 for a share).
        short: what follows a value where room is scarce, such as `"%"` or `"SEK"`; may be empty.
        full: the unit in words.
        difference: the unit of a difference between two values, in words.
        digits: decimals of a value.
    """

    factor: float
    short: Label
    full: Label
    difference: Label
    digits: int

    @property
    def is_percent(self) -> bool:
        """Whether values are written as per cent and differences as percentage points."""
        return self.short["en"] == "%"


def _unit(full: Label, short: Label | None = None, digits: int = 1) -> Unit:
    return Unit(1.0, short if short is not None else {"sv": "", "en": ""}, full, full, digits)


def _percent(full: Label, factor: float = 100.0) -> Unit:
    return Unit(factor, {"sv": "%", "en": "%"}, full, {"sv": "procentenheter", "en": "percentage points"}, 0)


_SEK: Label = {"sv": "kr", "en": "SEK"}
_POINTS: Label = {"sv": "procentenheter", "en": "percentage points"}

UNITS: dict[str, Unit] = {
    "share": _percent({"sv": "procent", "en": "per cent"}),
    "percent": _percent({"sv": "procent", "en": "per cent"}, 1.0),
    "share of yearly income": _percent({"sv": "procent av årsinkomsten", "en": "per cent of yearly income"}),
    "share of budget": _percent({"sv": "procent av budgeten", "en": "per cent of the budget"}),
    "follow-ups per device": _unit(
        {"sv": "uppföljningar per hjälpmedel", "en": "follow-ups per device"}, {"sv": "", "en": ""}, 2
    ),
    "share of posts": _percent({"sv": "procent av tjänsterna", "en": "per cent of posts"}),
    "share of centres": _percent({"sv": "procent av vårdcentralerna", "en": "per cent of centres"}),
    "share of municipalities": _percent({"sv": "procent av kommunerna", "en": "per cent of municipalities"}),
    "difference in shares": Unit(100.0, {"sv": "", "en": ""}, _POINTS, _POINTS, 1),
    "months": _unit({"sv": "månader", "en": "months"}, {"sv": "mån", "en": "months"}),
    "days": _unit({"sv": "dagar", "en": "days"}, {"sv": "dagar", "en": "days"}, 0),
    "SEK": _unit(_SEK, _SEK, 0),
    "SEK per inhabitant": _unit({"sv": "kr per invånare", "en": "SEK per inhabitant"}, _SEK, 0),
    "SEK per patient assessed": _unit(
        {"sv": "kr per bedömd patient", "en": "SEK per patient assessed"}, _SEK, 0
    ),
    "SEK per treated patient-year": _unit(
        {"sv": "kr per behandlad och år", "en": "SEK per treated patient and year"}, _SEK, 0
    ),
    "per 100 in need": _unit({"sv": "per 100 med behov", "en": "per 100 in need"}),
    "per 1 000 listed": _unit({"sv": "per 1 000 listade", "en": "per 1,000 listed"}),
    "per 100 000 inhabitants": _unit({"sv": "per 100 000 invånare", "en": "per 100,000 inhabitants"}),
    "per 100 untreated patient-years": _unit(
        {"sv": "per 100 obehandlade och år", "en": "per 100 untreated and year"}
    ),
    "cases per 100 assessments": _unit(
        {"sv": "ärenden per 100 bedömningar", "en": "cases per 100 assessments"}
    ),
    "FTE per 10 000 listed": _unit(
        {"sv": "heltidstjänster per 10 000 listade", "en": "full-time posts per 10,000 listed"}
    ),
    "QALYs per 1 000 in need": _unit(
        {"sv": "kvalitetsjusterade levnadsår per 1 000 med behov", "en": "QALYs per 1,000 in need"}
    ),
    "QALYs per 1 000 patient-years in need": _unit(
        {
            "sv": "kvalitetsjusterade levnadsår per 1 000 med behov och år",
            "en": "QALYs per 1,000 in need and year",
        }
    ),
}


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


def thin_data_note(area: str, lang: Lang) -> str:
    """Return the warning at the foot of every figure of an area with thin data; empty for other areas."""
    return text("thin_data", lang) if area in THIN_AREAS else ""


def provider_note(area: str, lang: Lang) -> str:
    """Return the sentence that says what a provider is in an area; empty for an unknown area."""
    return text("levels.provider", lang, provider=PROVIDERS[area][lang]) if area in PROVIDERS else ""


@lru_cache(maxsize=1)
def _catalogue() -> dict[tuple[str, str], IndicatorInfo]:
    # Not at import: the areas bring the compiled rules with them.
    from sim.model import indicator_catalogue

    return {(area, info.id): info for area, infos in indicator_catalogue().items() for info in infos}


def indicator_label(area: str, indicator: str, lang: Lang) -> str:
    """Return the plain name of an area's indicator, or its id made readable."""
    info = _catalogue().get((area, indicator))
    return info.label[lang] if info is not None else _readable(indicator).capitalize()


def drawn_note(area: str, indicator: str, lang: Lang) -> str:
    """Return the mark of an indicator whose regional values are drawn at random; empty where data gives them."""
    info = _catalogue().get((area, indicator))
    return "" if info is None or info.drawn == "no" else text(f"drawn.{info.drawn}", lang)


def higher_is_better(area: str, indicator: str) -> bool | None:
    """Return the agreed direction of an indicator; None where there is none or it is not known."""
    info = _catalogue().get((area, indicator))
    return info.more_is_better if info is not None else None


def primary_outcome(area: str) -> str:
    """Return the one outcome of an area that was fixed in advance.

    Raises:
        KeyError: no such area.
    """
    for (of_area, indicator), info in _catalogue().items():
        if of_area == area and info.primary:
            return indicator
    raise KeyError(f"no primary outcome for the area {area!r}")


def region_name(code: str) -> str:
    """Return a region's short name, or its code where there is none."""
    return _SHORT_NAMES.get(code, REGION_NAMES.get(code, code))


def find_unit(unit: str) -> Unit:
    """Return how values of `unit` are written; an unknown unit is written in its own words."""
    if unit in UNITS:
        return UNITS[unit]
    return _unit({"sv": unit, "en": unit})


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
    """Write a stored value with its short unit: a share 0.624 becomes `62%`, in Swedish `62 %`."""
    how = find_unit(unit)
    if not math.isfinite(value):
        return "–"
    number = format_number(value * how.factor, lang, how.digits if digits is None else digits)
    suffix = how.short[lang]
    if suffix == "%" and lang == "en":
        return number + suffix
    return f"{number}\N{NO-BREAK SPACE}{suffix}" if suffix else number


def seeds_label(n: int, lang: Lang) -> str:
    """Write how many seeds a figure rests on."""
    return text("seeds.one", lang) if n == 1 else text("seeds.many", lang, n=n)


def _readable(name: str) -> str:
    return name.replace("_", " ").strip()
