"""The spin-up 2010–2024, computed once and reused by every run that shares it.

A cached spin-up is named by a hash of everything it depends on: the model's code, the data, the parameters, the draw,
the seed, the scale, and the levers dated before the horizon. It is this program's own file; one that does not match its
checksum is thrown away and made anew.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sim.cache import cache_root, read_checked, write_checked
from sim.calendar import HORIZON_START
from sim.care.frame import Cells, YearRecord
from sim.experiment.store import code_hash, data_hash
from sim.model import CentralisationModel, Setting, spun_up
from sim.scenario.parameters import stable_hash

#: Cached spin-ups beyond this many bytes are removed, the least recently used first.
CACHE_LIMIT_BYTES = 4_000_000_000


def cache_folder() -> Path:
    """Where spin-ups are kept."""
    return cache_root() / "spin-up"


def spin_up_key(seed: int, setting: Setting, early_levers: object) -> str:
    """The name of a spin-up.

    Args:
        seed: Luck.
        setting: What the model is given.
        early_levers: The levers that act before the horizon, as plain data.
    """
    return stable_hash(
        {
            "code": code_hash(),
            "data": data_hash(),
            "region_data": setting.data_changes,
            "parameters": dict(setting.parameters),
            "draw": setting.draw,
            "seed": seed,
            "scale": {area: setting.scale[area] for area in setting.areas},
            "areas": list(setting.areas),
            "levers": early_levers,
        }
    )


def spun_up_cached(
    seed: int, setting: Setting, early_levers: object, use_cache: bool = True
) -> CentralisationModel:
    """A model at the end of 2024, from the cache when the same spin-up has been made before.

    The state is the same, bit for bit, whether it comes from the cache or not.
    """
    path = cache_folder() / f"{spin_up_key(seed, setting, early_levers)}.bin"
    if use_cache:
        blob = read_checked(path)
        if blob is not None:
            return CentralisationModel.restore(blob, setting)
    model = fresh_spin_up(seed, setting)
    if use_cache:
        write_checked(path, model.snapshot(), CACHE_LIMIT_BYTES)
    return model


def fresh_spin_up(seed: int, setting: Setting) -> CentralisationModel:
    """A model at the end of 2024, made anew, with what results need of the past."""
    model = spun_up(seed, setting)
    assert model.calendar.year == HORIZON_START
    _forget_details(model)
    return model


def _forget_details(model: CentralisationModel) -> None:
    """Keep what results need of the past: region values by year, not cells, providers or decisions."""
    empty = Cells(*(value[:0] for value in vars(model.records[0].cells).values())) if model.records else None
    if empty is not None:
        model.records = [_light(record, empty) for record in model.records]
    model.decisions = []


def _light(record: YearRecord, empty: Cells) -> YearRecord:
    return replace(record, provider_latent={}, provider_observed={}, cells=empty)
