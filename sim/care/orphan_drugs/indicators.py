"""What is measured in orphan drugs."""

from __future__ import annotations

from sim.care.frame import IndicatorInfo

PRIMARY = "share_treated_24m"


def _info(
    name: str, unit: str, sv: str, en: str, dimension: str, better: bool | None, primary: bool = False
) -> IndicatorInfo:
    return IndicatorInfo(name, unit, {"sv": sv, "en": en}, dimension, better, primary)


INDICATORS: tuple[IndicatorInfo, ...] = (
    _info(
        PRIMARY,
        "share",
        "Behandlade inom 24 månader efter EMA-godkännande",
        "Treated within 24 months of EMA approval",
        "availability",
        True,
        primary=True,
    ),
    _info(
        "share_treated_now",
        "share",
        "Behandlade av alla med behov i december",
        "Treated of all in need in December",
        "availability",
        True,
    ),
    _info(
        "share_introduced_24m",
        "share",
        "Klinikläkemedel införda inom 24 månader",
        "Clinic drugs introduced within 24 months",
        "offer",
        True,
    ),
    _info(
        "months_to_introduction",
        "months",
        "Månader från godkännande till regionens införande",
        "Months from approval to the region's introduction",
        "availability",
        False,
    ),
    _info(
        "share_recommended_introduced",
        "share",
        "Införda av rekommenderade klinikläkemedel",
        "Introduced of recommended clinic drugs",
        "offer",
        True,
    ),
    _info(
        "months_to_treatment",
        "months",
        "Månader från diagnos eller godkännande till behandling",
        "Months from diagnosis or approval to treatment",
        "availability",
        False,
    ),
    _info(
        "exemptions_per_100_untreated",
        "per 100 untreated patient-years",
        "Individuella undantag per 100 obehandlade",
        "Individual exemptions per 100 untreated",
        "offer",
        None,
    ),
    _info(
        "referrals_per_100_untreated",
        "per 100 untreated patient-years",
        "Utomlänsremisser per 100 obehandlade",
        "Referrals to other regions per 100 untreated",
        "offer",
        None,
    ),
    _info(
        "clinic_cost_per_inhabitant",
        "SEK per inhabitant",
        "Kostnad för klinikläkemedel per invånare",
        "Cost of clinic drugs per inhabitant",
        "system",
        None,
    ),
    _info(
        "benefit_cost_per_inhabitant",
        "SEK per inhabitant",
        "Kostnad för förmånsläkemedel per invånare",
        "Cost of benefit drugs per inhabitant",
        "system",
        None,
    ),
    _info(
        "budget_pressure",
        "share of budget",
        "Överdrag mot regionens särläkemedelsbudget",
        "Overspend against the region's orphan drug budget",
        "system",
        False,
    ),
    _info(
        "own_cost_per_treated",
        "SEK per treated patient-year",
        "Egen kostnad per behandlad och år",
        "Own cost per treated patient-year",
        "cost_to_person",
        False,
    ),
    _info(
        "qalys_lost_per_1000",
        "QALYs per 1 000 patient-years in need",
        "Förlorade QALY per 1 000 med behov",
        "QALYs lost per 1 000 in need",
        "availability",
        False,
    ),
    _info(
        "eligible_per_100000",
        "per 100 000 inhabitants",
        "Patienter med behov per 100 000 invånare",
        "Patients in need per 100 000 inhabitants",
        "system",
        None,
    ),
    _info(
        "proposed_share",
        "share",
        "Föreslås behandling av sin specialist",
        "Proposed for treatment by their specialist",
        "professional_support",
        True,
    ),
    _info(
        "share_by_benefit", "share", "Behandlade genom förmånen", "Treated through the benefit", "offer", None
    ),
    _info(
        "share_by_clinic",
        "share",
        "Behandlade genom regionens införande",
        "Treated through the region",
        "offer",
        None,
    ),
    _info("share_by_exemption", "share", "Behandlade genom undantag", "Treated by exemption", "offer", None),
    _info(
        "share_by_referral", "share", "Behandlade i annan region", "Treated in another region", "offer", None
    ),
)
