"""Levers: ``lever`` says what one is, ``registry`` which exist, ``schedule`` when they act."""
