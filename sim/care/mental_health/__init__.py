"""Mental ill-health in primary care: need, centres and their staff, queues, practice and outcomes."""

from sim.care.mental_health.area import MentalHealth

__all__ = ["MentalHealth"]
