"""Sweeps: many paired runs over unknown facts and levers, written so that nothing finished is ever lost."""
