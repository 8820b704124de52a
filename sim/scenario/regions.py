"""Names of the 21 regions for messages, and the figures a region may replace with its own in a scenario."""

from __future__ import annotations

from dataclasses import dataclass

#: Region code → name, in the fixed order of the codes.
REGION_NAMES: dict[str, str] = {
    "01": "Stockholm",
    "03": "Uppsala",
    "04": "Sörmland",
    "05": "Östergötland",
    "06": "Jönköpings län",
    "07": "Kronoberg",
    "08": "Kalmar län",
    "09": "Gotland",
    "10": "Blekinge",
    "12": "Skåne",
    "13": "Halland",
    "14": "Västra Götaland",
    "17": "Värmland",
    "18": "Örebro län",
    "19": "Västmanland",
    "20": "Dalarna",
    "21": "Gävleborg",
    "22": "Västernorrland",
    "23": "Jämtland Härjedalen",
    "24": "Västerbotten",
    "25": "Norrbotten",
}
#: All codes, as messages list them.
KNOWN_CODES = "codes " + ", ".join(REGION_NAMES)


@dataclass(frozen=True)
class RegionField:
    """A figure about one region that a scenario may replace with the region's own.

    Attributes:
        unit: Unit in words.
        low: Lowest value that is believed.
        high: Highest value that is believed.
    """

    unit: str
    low: float
    high: float


#: Names that ``region_data`` knows: the regional figures that the model reads, as ``sim.data`` names them.
REGION_FIELDS: dict[str, RegionField] = {
    "occupational_therapists_per_100k": RegionField(
        "occupational therapists per 100 000 inhabitants", 10, 400
    ),
    "psychologists_headcount_2024": RegionField("persons", 1, 20_000),
    "severe_anxiety_pct": RegionField("per cent of people aged 16-84", 0, 50),
    "private_centre_share_pct": RegionField("per cent of primary-care centres", 0, 100),
    "primary_care_visit_fee": RegionField("SEK per visit", 0, 2_000),
    "specialist_visit_fee": RegionField("SEK per visit", 0, 2_000),
    "tax_rate_pct": RegionField("per cent of taxable income", 0, 30),
    "tax_base_index": RegionField("index, Sweden = 100", 30, 300),
}


def region_code(value: object) -> str | None:
    """The region code that ``value`` means: ``"01"``, ``1`` or ``25``; None when there is no such region."""
    if isinstance(value, bool):
        return None
    code = f"{value:02d}" if isinstance(value, int) else str(value)
    return code if code in REGION_NAMES else None


def nearest_region(value: object) -> str | None:
    """Code and name of the region whose name is most like ``value``."""
    from sim.scenario.errors import nearest  # noqa: PLC0415 - only for messages

    name = nearest(str(value), REGION_NAMES.values())
    code = next((code for code, region in REGION_NAMES.items() if region == name), None)
    return f'"{code}" ({name})' if code else None
