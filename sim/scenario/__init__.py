"""Scenarios and parameters: what a run is asked to do, checked before anything runs."""

from sim.scenario.errors import InputError, ParameterError, Problem, ScenarioError, UnknownParameterError

__all__ = ["InputError", "ParameterError", "Problem", "ScenarioError", "UnknownParameterError"]
