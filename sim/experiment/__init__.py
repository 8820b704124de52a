"""Running scenarios: one run, many seeds, the causes of inequality, the bench."""
