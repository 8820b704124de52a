"""Assistive devices (hjälpmedel): need, responsibility, assortment, fees and prescribers."""

from sim.care.assistive_devices.area import AssistiveDevices

__all__ = ["AssistiveDevices"]
