"""What a pattern may read from a run that has been lived through: one number each, by name.

Every function takes the run and the arguments that stand in the pattern's file; ``READS`` says which are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.care.assistive_devices.names import CATEGORIES
from sim.care.orphan_drugs.pipeline import ORIGIN_YEAR, PREHISTORY_MONTHS
from sim.data.files import REGION_CODES
from sim.experiment.credibility.watch import MONTHS, Watch
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.care.frame import YearRecord
    from sim.model import CentralisationModel

DRUGS, MENTAL, DEVICES = "orphan_drugs", "mental_health", "assistive_devices"
#: First year of a run.
START_YEAR = 2010
_DAYS_A_MONTH = 30.4
_WHOLE_COUNTRY = "00"
_BAND_YEARS = 5
_MSEK = 1e6
#: Regions at either end of need that ``need_contrast`` compares: a third of them.
_THIRD = 7
_YES = ("benefit", "recommend")


@dataclass(frozen=True)
class Lived:
    """A run that has reached its last year.

    Attributes:
        model: The model, as it stands then.
        watch: What was read on the way.
    """

    model: CentralisationModel
    watch: Watch

    def years(self, area: str, span: Sequence[int]) -> list[YearRecord]:
        """The yearly records of an area, first and last year included."""
        return [r for r in self.model.records if r.area == area and span[0] <= r.year <= span[1]]


# -- indicators ----------------------------------------------------------------------------------------------------


def national(run: Lived, *, area: str, indicator: str, years: Sequence[int]) -> float:
    """The country's value of an indicator, mean over years: as counted, or of the model's probabilities."""
    return region(run, area=area, indicator=indicator, region=_WHOLE_COUNTRY, years=years)


def region(
    run: Lived, *, area: str, indicator: str, region: str | Sequence[str], years: Sequence[int]
) -> float:
    """The value of one region, several together, or the country, mean over years."""
    chosen = _indices(region)
    weights = np.array([r.population for r in run.model.regions], dtype=float)[chosen]
    found = []
    for record in run.years(area, years):
        if indicator in record.observed:
            numerator, denominator = (side[chosen].sum() for side in record.observed[indicator])
            found.append(numerator / denominator if denominator > 0 else np.nan)
        elif indicator in record.latent:
            found.append(float(record.latent[indicator][chosen] @ weights / weights.sum()))
    return _mean(found)


def spread(
    run: Lived,
    *,
    area: str,
    indicator: str,
    years: Sequence[int],
    measure: str,
    without: Sequence[str] = (),
) -> float:
    """How far apart regions are (each counts once, as in published tables), mean over years; see ``MEASURES``."""
    keep = [i for i, code in enumerate(REGION_CODES) if code not in set(without)]
    found = []
    for record in run.years(area, years):
        values = _by_region(record, indicator)[keep]
        values = values[np.isfinite(values)]
        found.append(MEASURES[measure](values) if values.size > 1 else np.nan)
    return _mean(found)


def need_contrast(run: Lived, *, area: str, indicator: str, years: Sequence[int]) -> float:
    """Mean of the seven regions with most need per inhabitant minus that of the seven with least."""
    people = np.array([r.population for r in run.model.regions], dtype=float)
    order = np.argsort(run.model.areas[area].expected_need_by_region() / people, kind="stable")
    found = []
    for record in run.years(area, years):
        values = _by_region(record, indicator)
        found.append(float(np.nanmean(values[order[-_THIRD:]]) - np.nanmean(values[order[:_THIRD]])))
    return _mean(found)


def _cv(values: FloatArray) -> float:
    mean = float(values.mean())
    return float(values.std()) / mean if mean else float("nan")


#: Measures of ``spread``.
MEASURES: Mapping[str, Callable[[FloatArray], float]] = {
    "sd": lambda values: float(values.std()),
    "cv": _cv,
    "gap": lambda values: float(values.max() - values.min()),
}


def _by_region(record: YearRecord, indicator: str) -> FloatArray:
    """Values free of luck where there are such, else as counted."""
    if indicator in record.latent:
        return np.asarray(record.latent[indicator], dtype=float)
    numerator, denominator = record.observed[indicator]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan)


def _indices(codes: str | Sequence[str]) -> list[int]:
    if codes == _WHOLE_COUNTRY:
        return list(range(len(REGION_CODES)))
    return [REGION_CODES.index(code) for code in ([codes] if isinstance(codes, str) else codes)]


def _mean(values: Sequence[float]) -> float:
    known = np.array([v for v in values if np.isfinite(v)], dtype=float)
    return float(known.mean()) if known.size else float("nan")


# -- orphan drugs --------------------------------------------------------------------------------------------------


def drugs_available(run: Lived, *, approved: Sequence[int], at: str) -> float:
    """Share of the drugs approved in these years that have a national yes in this month (``YYYY-MM``)."""
    chosen = _approved(run, approved)
    standing = np.zeros(len(_area(run).drugs), dtype=bool)
    for month, drug, word in _national_decisions(run):
        if month <= _month(at):
            standing[drug] = word in _YES
    return float(standing[chosen].mean()) if chosen.size else float("nan")


def days_to_yes(run: Lived, *, approved: Sequence[int], at: str, after_no: bool = False) -> float:
    """Mean days from approval to a first national yes, of drugs that have one; or only of those first refused."""
    first: dict[int, int] = {}
    refused: set[int] = set()
    for month, drug, word in _national_decisions(run):
        if month > _month(at) or drug in first:
            continue
        if word in _YES:
            first[drug] = month
        else:
            refused.add(drug)
    waits = [
        first[drug] + PREHISTORY_MONTHS - int(_area(run).drugs.approval[drug])
        for drug in map(int, _approved(run, approved))
        if drug in first and (drug in refused or not after_no)
    ]
    return _DAYS_A_MONTH * float(np.mean(waits)) if waits else float("nan")


def treated_after_yes(run: Lived, *, months: int, decided: Sequence[int]) -> float:
    """Share of patients in need who are treated so many months after a drug came into the benefit."""
    first, last = ((year - START_YEAR) * MONTHS for year in (decided[0], decided[1] + 1))
    treated = need = 0.0
    for month, drug, word in _national_decisions(run):
        if word == "benefit" and first <= month < last and month + months in run.watch.treated:
            treated += run.watch.treated[month + months][drug]
            need += run.watch.in_need[month + months][drug]
    return treated / need if need else float("nan")


def introduction_months(run: Lived, *, quantile: float, approved: Sequence[int], at: str) -> float:
    """Quantile over clinic drugs of the months until half of the regions have introduced them.

    A drug that half of the regions have not introduced counts with the months passed: it has taken longer than that.
    """
    drugs, end = _area(run).drugs, _month(at)
    half = (len(run.model.regions) + 1) // 2
    dates: dict[int, list[int]] = {}
    for decision in run.model.decisions:
        if decision.area == DRUGS and decision.decision == "introduce" and decision.month <= end:
            dates.setdefault(int(decision.value), []).append(decision.month)
    introduced = [drug for drug in map(int, _approved(run, approved)) if drug in dates]
    waits = []
    for drug in introduced:
        month = sorted(dates[drug])[half - 1] if len(dates[drug]) >= half else end
        waits.append(month + PREHISTORY_MONTHS - int(drugs.approval[drug]))
    return float(np.quantile(waits, quantile)) if waits else float("nan")


def drug_cost(run: Lived, *, disease: str, region: str, years: Sequence[int]) -> float:
    """Cost of treating a named disease in a region, million SEK a year, mean over years."""
    chosen = _indices(region)
    costs = [
        float(run.watch.named_cost[disease, year][chosen].sum())
        for year in range(years[0], years[1] + 1)
        if (disease, year) in run.watch.named_cost
    ]
    return _mean(costs) / _MSEK


def dispersion(run: Lived, *, region: str) -> float:
    """Variance of the number of patients round what is expected, by that expectation; 1 = independent cases."""
    drugs, home = _unnamed(run), _indices(region)[0]
    area = _area(run)
    patients = area.patients.columns
    here = patients["home"] == home
    counted = np.bincount(patients["drug"][here & _present(patients)], minlength=len(area.drugs))[drugs]
    expected = area.expected_need(drugs)[home]
    expected = expected * counted.sum() / expected.sum()
    return float(((counted - expected) ** 2).sum() / expected.sum())


def spend_cv(run: Lived, *, region: str) -> float:
    """Coefficient of variation of the cost of treating everybody in need, if cases are independent."""
    expected, cost = _spending(run, region)
    return float(np.sqrt(expected @ cost**2) / (expected @ cost))


def spend_mean(run: Lived, *, region: str) -> float:
    """Mean of that cost, SEK per inhabitant."""
    expected, cost = _spending(run, region)
    return float(expected @ cost) / run.model.regions[_indices(region)[0]].population


def _spending(run: Lived, region: str) -> tuple[FloatArray, FloatArray]:
    drugs = _unnamed(run)
    expected = _area(run).expected_need(drugs)[_indices(region)].sum(axis=0)
    return np.asarray(expected), np.asarray(_area(run).drugs.list_cost[drugs])


def _present(patients: Mapping[str, Any]) -> Any:
    from sim.care.orphan_drugs.area import in_need

    return in_need(patients["state"])


def _unnamed(run: Lived) -> Any:
    """Drugs approved so far that stand for no named disease."""
    area = _area(run)
    known = area.drugs.approved_in(0, area.t - 1)
    return np.array([drug for drug in known if not area.drugs.name[drug]], dtype=np.int64)


def _area(run: Lived) -> Any:
    return run.model.areas[DRUGS]


def _approved(run: Lived, years: Sequence[int]) -> Any:
    first, last = ((year - ORIGIN_YEAR) * MONTHS for year in (years[0], years[1] + 1))
    return _area(run).drugs.approved_in(first, last - 1)


def _month(text: str) -> int:
    year, month = text.split("-")
    return (int(year) - START_YEAR) * MONTHS + int(month) - 1


def _national_decisions(run: Lived) -> list[tuple[int, int, str]]:
    """Month, drug and word of every national decision on the benefit or on introduction, in order."""
    words = {*_YES, *(f"not {word}" for word in _YES), "exclude"}
    return [
        (d.month, int(d.value), d.decision)
        for d in run.model.decisions
        if d.area == DRUGS and d.decision in words
    ]


# -- mental ill-health ---------------------------------------------------------------------------------------------


def centres_below(run: Lived, *, fte: float, year: int) -> float:
    """Share of primary-care centres with less than so many full-time equivalents of recommended treatment."""
    return float((run.watch.treating_fte[year] < fte).mean())


# -- assistive devices ---------------------------------------------------------------------------------------------


def holders(run: Lived, *, category: str, ages: Sequence[int], years: Sequence[int]) -> float:
    """Share of people of an age with a need who hold a device, mean over years."""
    kind, bands = CATEGORIES.index(category), _bands(ages)
    return _mean([
        float(run.watch.holders[year][kind, bands].sum() / run.watch.needs[year][kind, bands].sum())
        for year in range(years[0], years[1] + 1)
    ])  # fmt: skip


def new_holders(
    run: Lived, *, category: str, ages: Sequence[int], years: Sequence[int], region: str = _WHOLE_COUNTRY
) -> float:
    """People a year whose need arose the year before and who have had a device, full scale, mean over years."""
    kind, bands, where = CATEGORIES.index(category), _bands(ages), _indices(region)
    return _mean([
        float(run.watch.new_holders[year][where][:, kind, bands].sum())
        for year in range(years[0], years[1] + 1)
    ])  # fmt: skip


def _bands(ages: Sequence[int]) -> slice:
    return slice(ages[0] // _BAND_YEARS, ages[1] // _BAND_YEARS + 1)


# -- knowledge and parameters --------------------------------------------------------------------------------------


def applied(run: Lived, *, area: str, statistic: str, year: int) -> float:
    """Share of knowledge that units apply: mean, standard deviation of regions or units, or excess of ceiling."""
    values, ceiling, where = run.watch.applied[area, year]
    if statistic == "above_ceiling":
        return float((values - ceiling).max())
    if statistic == "sd_regions":
        counted = np.bincount(where, minlength=len(REGION_CODES))
        total = np.bincount(where, weights=values, minlength=len(REGION_CODES))
        values = np.asarray(total[counted > 0] / counted[counted > 0], dtype=float)
    return float(values.mean() if statistic == "mean" else values.std())


def support(run: Lived, *, year: int) -> float:
    """Support that municipalities have built up, mean, 0–1."""
    return float(run.watch.support[year].mean())


def parameter(run: Lived, *, id: str) -> float:
    """A parameter's value in this run."""
    return float(run.model.parameters[id])


@dataclass(frozen=True)
class Read:
    """One way of reading.

    Attributes:
        function: Gives the number.
        needs: Arguments that must be there.
        may: Arguments that may be there.
        areas: Care areas that must have been run; "area" = the one that the argument names.
    """

    function: Callable[..., float]
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    area: str = ""


READS: Mapping[str, Read] = {
    "national": Read(national, ("area", "indicator", "years")),
    "region": Read(region, ("area", "indicator", "region", "years")),
    "spread": Read(spread, ("area", "indicator", "years", "measure"), ("without",)),
    "need_contrast": Read(need_contrast, ("area", "indicator", "years")),
    "drugs_available": Read(drugs_available, ("approved", "at"), area=DRUGS),
    "days_to_yes": Read(days_to_yes, ("approved", "at"), ("after_no",), DRUGS),
    "treated_after_yes": Read(treated_after_yes, ("months", "decided"), area=DRUGS),
    "introduction_months": Read(introduction_months, ("quantile", "approved", "at"), area=DRUGS),
    "drug_cost": Read(drug_cost, ("disease", "region", "years"), area=DRUGS),
    "dispersion": Read(dispersion, ("region",), area=DRUGS),
    "spend_cv": Read(spend_cv, ("region",), area=DRUGS),
    "spend_mean": Read(spend_mean, ("region",), area=DRUGS),
    "centres_below": Read(centres_below, ("fte", "year"), area=MENTAL),
    "holders": Read(holders, ("category", "ages", "years"), area=DEVICES),
    "new_holders": Read(new_holders, ("category", "ages", "years"), ("region",), DEVICES),
    "applied": Read(applied, ("area", "statistic", "year")),
    "support": Read(support, ("year",), area=DEVICES),
    "parameter": Read(parameter, ("id",)),
}
