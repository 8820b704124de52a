"""The drugs: indications approved as orphan medicines by EMA from 2000 to the end of every horizon.

The set of drugs is an unknown fact, fixed by the draw: no lever and no luck moves it. Months are counted from
January 2000, when the orphan regulation took force (*t*; model month 0 is t = 120).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.care.orphan_drugs.rules import BENEFIT_DRUG, CLINIC_DRUG, TWO_CHANNEL_DRUG
from sim.rng import Stream, normal_draw, uniform_draw
from sim.typing import BoolArray, FloatArray, IntArray

#: Year of t = 0.
ORIGIN_YEAR = 2000
#: Months between t = 0 and the model's month 0.
PREHISTORY_MONTHS = 120
#: Pipelines reach this far whatever the horizon, so a longer run meets the same drugs.
LAST_YEAR = 2060
#: Step numbers of the draws of one drug.
_STEPS = {
    name: k
    for k, name in enumerate(("month", "prevalence", "cost", "gain", "severe", "channel", "trial", "room"))
}


@dataclass(frozen=True)
class Pipeline:
    """Orphan drugs in order of approval; arrays of one value a drug.

    Attributes:
        approval: Month of EMA approval, t.
        prevalence: Patients with the disease per 10 000 inhabitants.
        eligible_per_inhabitant: Patients who are clinically eligible for the drug, per inhabitant.
        list_cost: List cost of a treated patient-year, SEK.
        qaly_gain: QALYs gained in a treated patient-year.
        severe: Whether the disease is very severe.
        kind: ``BENEFIT_DRUG``, ``CLINIC_DRUG`` or ``TWO_CHANNEL_DRUG``.
        trial_share: Share of the patients at approval who take part in a trial.
        room_in_price: What the company can give up of the price, as a share of what any company can, 0–1.
        exit_rate: Monthly probability of death or of no longer being eligible.
        name: Name of a named disease, otherwise "".
    """

    approval: IntArray
    prevalence: FloatArray
    eligible_per_inhabitant: FloatArray
    list_cost: FloatArray
    qaly_gain: FloatArray
    severe: BoolArray
    kind: IntArray
    trial_share: FloatArray
    room_in_price: FloatArray
    exit_rate: FloatArray
    name: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.approval)

    def approved_in(self, first: int, last: int) -> IntArray:
        """Drugs approved in months ``first`` to ``last``, both included."""
        return np.flatnonzero((self.approval >= first) & (self.approval <= last))


def approvals_by_year(before_2010: int, per_year: float) -> IntArray:
    """Approvals in each year from 2000 to ``LAST_YEAR``: whole numbers that keep the running sum."""
    years = np.arange(LAST_YEAR - ORIGIN_YEAR + 1)
    early = before_2010 * np.minimum(years + 1, 10) / 10.0
    late = per_year * np.maximum(years - 9, 0)
    return np.diff(np.floor(early + late + 1e-9), prepend=0.0).astype(np.int64)


def gaussian_copula(z: FloatArray, other: FloatArray, rank_correlation: float) -> FloatArray:
    """Standard normals with this Spearman correlation to ``z``, made from independent ones ``other``."""
    r = 2.0 * np.sin(np.pi * rank_correlation / 6.0)
    return r * z + np.sqrt(1.0 - r * r) * other


def truncated_lognormal(u: FloatArray, median: float, log_sd: float, high: float) -> FloatArray:
    """Lognormal cut off at ``high``, by inverse CDF; ``median`` is the median before the cut."""
    from scipy.special import ndtr, ndtri  # noqa: PLC0415 - keeps the command line's start light

    top = ndtr(np.log(high / median) / log_sd)
    return np.asarray(median * np.exp(log_sd * ndtri(u * top)))


def draw_pipeline(draw: int, parameters: Mapping[str, Any]) -> Pipeline:
    """The pipeline of one draw.

    Args:
        draw: Which set of unknown facts.
        parameters: Values of ``orphan_drugs.*``.
    """
    from scipy.special import ndtr, ndtri  # noqa: PLC0415 - keeps the command line's start light

    p = {key.removeprefix("orphan_drugs."): value for key, value in _own(parameters)}
    numbers = approvals_by_year(int(p["approved_before_2010"]), float(p["approvals_per_year"]))
    n = int(numbers.sum())
    ids = np.arange(n)
    stream = Stream.DRUG_PIPELINE
    u = {name: uniform_draw(draw, stream, step, ids) for name, step in _STEPS.items()}
    year = np.repeat(np.arange(numbers.size), numbers)
    approval = year * 12 + (u["month"] * 12).astype(np.int64)
    order = np.argsort(approval, kind="stable")
    z_prevalence = ndtri(u["prevalence"])
    z_cost = gaussian_copula(z_prevalence, ndtri(u["cost"]), float(p["cost_prevalence_rank_correlation"]))
    z_gain = gaussian_copula(z_cost, ndtri(u["gain"]), float(p["gain_cost_rank_correlation"]))
    prevalence = truncated_lognormal(
        ndtr(z_prevalence),
        float(p["prevalence_median"]),
        float(p["prevalence_log_sd"]),
        float(p["prevalence_limit"]),
    )
    cost = float(p["cost_median_eur"]) * float(p["sek_per_eur"]) * np.exp(float(p["cost_log_sd"]) * z_cost)
    gain = _between(ndtr(z_gain), float(p["qaly_gain_low"]), float(p["qaly_gain_high"]))
    severe = u["severe"] < float(p["severe_share"])
    kind = np.where(
        u["channel"] < float(p["benefit_channel_share"]),
        BENEFIT_DRUG,
        np.where(
            u["channel"] < float(p["benefit_channel_share"]) + float(p["two_channel_share"]),
            TWO_CHANNEL_DRUG,
            CLINIC_DRUG,
        ),
    )
    trial = 2.0 * float(p["trial_share"]) * u["trial"]
    yearly_exit = np.where(severe, float(p["exit_per_year_severe"]), float(p["exit_per_year"]))
    return Pipeline(
        approval=approval[order],
        prevalence=prevalence[order],
        eligible_per_inhabitant=prevalence[order] * 1e-4 * float(p["eligible_share"]),
        list_cost=cost[order],
        qaly_gain=gain[order],
        severe=severe[order],
        kind=kind[order].astype(np.int64),
        trial_share=trial[order],
        room_in_price=u["room"][order],
        exit_rate=1.0 - (1.0 - yearly_exit[order]) ** (1.0 / 12.0),
        name=("",) * n,
    )


def _own(parameters: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key, parameters[key]) for key in parameters if key.startswith("orphan_drugs.")]


def _between(u: FloatArray, low: float, high: float) -> FloatArray:
    return low + (high - low) * u


def with_named(pipeline: Pipeline, named: Mapping[str, Mapping[str, float]]) -> Pipeline:
    """Give the drug nearest in approval to each named disease that disease's own figures.

    Args:
        pipeline: Anonymous pipeline.
        named: Name → values of any array attribute, ``approval`` among them.
    """
    names = list(pipeline.name)
    arrays = {key: np.array(getattr(pipeline, key)) for key in pipeline.__dataclass_fields__ if key != "name"}
    for name, values in named.items():
        free = np.array([taken == "" for taken in names])
        distance = np.where(
            free, np.abs(arrays["approval"] - int(values["approval"])), np.iinfo(np.int64).max
        )
        drug = int(distance.argmin())
        names[drug] = name
        for key, value in values.items():
            arrays[key][drug] = value
    order = np.argsort(arrays["approval"], kind="stable")
    return Pipeline(
        **{key: values[order] for key, values in arrays.items()}, name=tuple(names[i] for i in order)
    )


def region_frailty(
    draw: int, n_drugs: int, population: FloatArray, overdispersion: float, switch: float
) -> FloatArray:
    """How much more common each disease is in each region than in the country, shape (21, n_drugs).

    Gamma with mean 1 and variance ``overdispersion``, scaled so that the country's number of patients is the
    same; ``switch`` 0 gives ones exactly, so that patient counts are Poisson.
    """
    from scipy.special import gammaincinv  # noqa: PLC0415 - keeps the command line's start light

    n_regions = len(population)
    if overdispersion <= 0.0 or switch == 0.0:
        return np.ones((n_regions, n_drugs))
    shape = 1.0 / overdispersion
    ids = np.arange(n_drugs)
    raw = np.stack(
        [
            gammaincinv(shape, uniform_draw(draw, Stream.CLUSTERING, region, ids)) / shape
            for region in range(n_regions)
        ]
    )
    share = population / population.sum()
    raw = raw / (share @ raw)[None, :]
    return np.asarray(1.0 + switch * (raw - 1.0))


def interpretation(draw: int, n_regions: int, n_drugs: int) -> FloatArray:
    """Each region's own reading of each drug's evidence, standard normal, (n_regions, n_drugs)."""
    ids = np.arange(n_drugs)
    return np.stack(
        [normal_draw(draw, Stream.DRUG_INTERPRETATION, region, ids) for region in range(n_regions)]
    )
