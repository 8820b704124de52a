"""Calibration: which unknown numbers the data narrow, found by history matching, and which they leave open."""
