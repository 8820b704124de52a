"""The project's data: figures with passports. ``load_data()`` is the front door."""

from __future__ import annotations

from sim.data.errors import DataError
from sim.data.files import AGE_BANDS, BAND_STARTS, N_BANDS, N_MUNICIPALITIES, N_REGIONS, REGION_CODES, SEXES
from sim.data.records import Data
from sim.data.tables import DATA_FOLDER, band_index, load_data, load_validation, region_index

__all__ = [
    "AGE_BANDS",
    "BAND_STARTS",
    "DATA_FOLDER",
    "N_BANDS",
    "N_MUNICIPALITIES",
    "N_REGIONS",
    "REGION_CODES",
    "SEXES",
    "Data",
    "DataError",
    "band_index",
    "load_data",
    "load_validation",
    "region_index",
]
