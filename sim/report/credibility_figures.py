"""Placeholder while figures are made."""
def write_credibility_figures(folder, tables):
    pass
