"""``docs/credibility.md``: its tables come from the stored run, and the run is of today's patterns and tolerances."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.experiment.credibility.patterns import load_catalogue
from sim.report.credibility_doc import StaleRunError, read_stored, refuse_stale, tables
from sim.report.markdown_blocks import blocks

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "credibility.md").read_text(encoding="utf-8")


def test_every_table_stands_in_the_document_once_and_is_the_one_made_from_the_run() -> None:
    made = tables(read_stored(), load_catalogue())
    names = re.findall(r"<!-- generated:([\w.]+) -->", TEXT)
    assert sorted(names) == sorted(made)
    for name, body in blocks(TEXT).items():
        assert body == made[name], f"{name} is stale: run `python -m sim.report.credibility_doc`"


def test_the_stored_run_was_asked_what_stands_in_the_files_today() -> None:
    run = read_stored()
    refuse_stale(run, load_catalogue())
    run["asked"]["drugs.available_2020_2023"][1] = 14.0
    with pytest.raises(StaleRunError, match=r"drugs\.available_2020_2023"):
        refuse_stale(run, load_catalogue())


def test_every_pattern_that_does_not_hold_is_explained() -> None:
    own = {p.id: p for p in load_catalogue().patterns}
    for row in read_stored()["patterns"]:
        if row["verdict"] in ("fails", "cannot say"):
            assert own[row["pattern"]].miss, f"{row['pattern']}: {row['verdict']} and not explained"
