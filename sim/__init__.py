"""Agent-based simulation of regional inequality in Swedish health care under centralisation reforms."""

__version__ = "0.1.0"
