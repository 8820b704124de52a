"""What is measured in the area."""

from __future__ import annotations

from sim.care.frame import IndicatorInfo

PRIMARY = "share_started_90d"
ASSESSED = "share_assessed_30d"

INDICATORS: tuple[IndicatorInfo, ...] = (
    IndicatorInfo(
        PRIMARY,
        "share",
        {
            "sv": "Påbörjat rekommenderad behandling inom 90 dagar",
            "en": "Started recommended treatment within 90 days",
        },
        "availability",
        True,
        True,
    ),
    IndicatorInfo(
        ASSESSED,
        "share",
        {"sv": "Bedömd inom 30 dagar från behovet", "en": "Assessed within 30 days of need"},
        "availability",
    ),
    IndicatorInfo(
        "months_to_assessment",
        "months",
        {"sv": "Tid från behov till bedömning", "en": "Time from need to assessment"},
        "availability",
        False,
    ),
    IndicatorInfo(
        "months_to_start",
        "months",
        {"sv": "Tid från behov till behandling", "en": "Time from need to treatment"},
        "availability",
        False,
    ),
    IndicatorInfo(
        "share_centres_with_psychologist",
        "share of centres",
        {"sv": "Vårdcentraler med psykolog", "en": "Primary-care centres with a psychologist"},
        "professional_support",
        timing="stock",
    ),
    IndicatorInfo(
        "fte_psychosocial_per_10000",
        "FTE per 10 000 listed",
        {"sv": "Psykosocial personal per 10 000 listade", "en": "Psychosocial staff per 10 000 listed"},
        "professional_support",
        timing="stock",
    ),
    IndicatorInfo(
        "vacancy_rate",
        "share of posts",
        {"sv": "Vakanta psykosociala tjänster", "en": "Vacant psychosocial posts"},
        "professional_support",
        False,
        timing="stock",
    ),
    IndicatorInfo(
        "share_assessed_by_gp",
        "share",
        {
            "sv": "Bedömda av läkare utan psykosocial personal",
            "en": "Assessed by a GP without psychosocial staff",
        },
        "professional_support",
        False,
    ),
    IndicatorInfo(
        "share_drug_only",
        "share",
        {"sv": "Enbart läkemedel efter bedömning", "en": "Drug only after assessment"},
        "offer",
        False,
    ),
    IndicatorInfo(
        "share_offered",
        "share",
        {
            "sv": "Erbjuds rekommenderad behandling vid bedömning",
            "en": "Offered recommended treatment at assessment",
        },
        "offer",
    ),
    IndicatorInfo(
        "referral_share",
        "share",
        {"sv": "Remitterade till specialistvård", "en": "Referred to specialist care"},
        "offer",
        None,
    ),
    IndicatorInfo(
        "dropouts_per_100",
        "per 100 in need",
        {"sv": "Avbrott under väntan", "en": "Gave up while waiting"},
        "availability",
        False,
    ),
    IndicatorInfo(
        "queue_per_1000_listed",
        "per 1 000 listed",
        {"sv": "Väntande per 1 000 listade", "en": "Waiting per 1 000 listed"},
        "availability",
        False,
        timing="rate",
    ),
    IndicatorInfo(
        "recovered_12m_share",
        "share",
        {"sv": "Friska ett år efter insjuknandet", "en": "Well a year after onset"},
        "availability",
    ),
    IndicatorInfo(
        "qalys_lost_per_1000",
        "QALYs per 1 000 in need",
        {"sv": "Förlorade QALY per 1 000 med behov", "en": "QALYs lost per 1 000 in need"},
        "availability",
        False,
    ),
    IndicatorInfo(
        "own_cost_income_share",
        "share of yearly income",
        {"sv": "Egen kostnad som andel av inkomsten", "en": "Own cost as a share of income"},
        "cost_to_person",
        False,
    ),
    IndicatorInfo(
        "own_cost_sek",
        "SEK per patient assessed",
        {"sv": "Egen kostnad per bedömd patient", "en": "Own cost per patient assessed"},
        "cost_to_person",
        False,
    ),
    IndicatorInfo(
        "forgone_cost_per_100",
        "per 100 in need",
        {"sv": "Avstått vård av kostnadsskäl", "en": "Forgone because of cost"},
        "cost_to_person",
        False,
    ),
    IndicatorInfo(
        "staff_cost_per_inhabitant",
        "SEK per inhabitant",
        {"sv": "Kostnad för psykosocial personal", "en": "Cost of psychosocial staff"},
        "system",
        None,
        timing="stock",
    ),
)
