"""The command. ``run_sim.py`` calls ``main`` and nothing else."""

from sim.cli.app import main

__all__ = ["main"]
