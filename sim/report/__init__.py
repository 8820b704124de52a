"""Figures and words for readers; draws from the results tables and never changes them."""
