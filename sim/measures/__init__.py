"""Measures of inequality: they read results and never write to the model.

`inequality` (plain functions), `levels` (between regions, providers, professionals, individuals), `chance`
(more than luck?) and `MEASURES`, the measures every run reports.
"""

from sim.measures.registry import MEASURES, Measure

__all__ = ["MEASURES", "Measure"]
