"""The visual server: explore reforms in a browser, hold a workshop, take scenarios and results away."""
