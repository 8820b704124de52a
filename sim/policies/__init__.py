"""Levers: what a reform is made of. ``lever`` says what one is, ``registry`` which exist, ``schedule`` when they act."""
