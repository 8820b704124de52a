"""Indicators of the area."""

from __future__ import annotations

from sim.care.frame import Drawn, IndicatorInfo, Timing


def _info(
    id_: str,
    unit: str,
    sv: str,
    en: str,
    dimension: str,
    better: bool | None,
    primary: bool = False,
    timing: Timing = "flow",
    drawn: Drawn = "no",
) -> IndicatorInfo:
    return IndicatorInfo(id_, unit, {"sv": sv, "en": en}, dimension, better, primary, timing, drawn)


INDICATORS: tuple[IndicatorInfo, ...] = (
    _info(
        "share_suitable_90d", "share", "Andel med passande hjälpmedel i bruk inom 90 dagar från behovet",
        "Share with a suitable device in use within 90 days of need", "availability", True, True,
    ),
    _info(
        "share_assessed_30d", "share", "Andel vars behov bedömts inom en månad",
        "Share whose need was assessed within a month", "availability", True,
    ),
    _info(
        "months_to_assessment", "months", "Månader från behov till bedömning, för dem som bedömts",
        "Months from need to assessment, of those assessed", "availability", False,
    ),
    _info(
        "months_to_device", "months", "Månader från behov till hjälpmedel, för dem som fått ett",
        "Months from need to a device, of those who got one", "availability", False,
    ),
    _info(
        "share_offered_inside", "share", "Andel bedömda som erbjudits något ur sortimentet",
        "Share of assessments that end in a product of the assortment", "offer", True,
    ),
    _info(
        "individual_cases", "cases per 100 assessments", "Enskilda ärenden per 100 bedömningar",
        "Individual cases per 100 assessments", "offer", None,
    ),
    _info(
        "share_refused", "share", "Andel som inte erbjudits något", "Share who were offered nothing",
        "offer", False,
    ),
    _info(
        "share_forgone_cost", "share", "Andel erbjudna som avstått på grund av avgiften",
        "Share of offers declined because of the fee", "cost_to_person", False,
    ),
    _info(
        "own_cost_per_user", "SEK", "Egen kostnad per brukare och år", "Own cost per user and year",
        "cost_to_person", False,
    ),
    _info(
        "own_cost_income_share", "share of yearly income", "Egen kostnad som andel av inkomsten",
        "Own cost as a share of income",
        "cost_to_person", False, timing="rate",
    ),
    _info(
        "standard_first_year_cost", "SEK", "Egen kostnad första året för en normalbrukare",
        "Own cost of a standard user in the first year", "cost_to_person", False, timing="year", drawn="partly",
    ),
    _info(
        "share_followed_up", "follow-ups per device", "Uppföljningar per levererat hjälpmedel",
        "Follow-ups per device delivered",
        # A month's follow-ups are of devices delivered in other months: with few of them the ratio means nothing.
        "professional_support", True, timing="year",
    ),
    _info(
        "share_unsuitable_or_unused", "share", "Andel hjälpmedel som inte passar eller inte används",
        "Share of devices that do not suit or lie unused", "professional_support", False, timing="stock",
    ),
    _info(
        "prescribers_per_100k", "per 100 000 inhabitants", "Förskrivare per 100 000 invånare",
        "Prescribers per 100 000 inhabitants", "system", True, timing="stock", drawn="partly",
    ),
    _info(
        "municipalities_with_lead", "share of municipalities", "Andel kommuner med MAR",
        "Share of municipalities with a person responsible for rehabilitation", "system", True, timing="stock",
        drawn="wholly",
    ),
    _info(
        "consumables_own_cost", "SEK", "Egen kostnad för förbrukningsartiklar per år",
        "Own cost of consumables a year", "cost_to_person", False, timing="stock",
    ),
    _info(
        "principal_gap", "difference in shares",
        "Skillnad i andel med hjälpmedel: regionens minus kommunens områden",
        "Difference in the primary outcome: categories of the region minus those of the municipalities",
        "system", None, timing="year",
    ),
)  # fmt: skip
