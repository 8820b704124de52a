"""The three care areas: what happens to a person with a need."""
