"""Budgeted search for lever bundles: an emulator says where the next runs tell most, and how sure the end result is."""
