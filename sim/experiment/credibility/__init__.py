"""How far the model can be believed: published patterns, what the model gives, and two nulls beside its hit rate."""
