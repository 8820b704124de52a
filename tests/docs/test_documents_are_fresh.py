"""The documents about how far the model can be believed say what the code says, and say enough."""

import csv
import re
from pathlib import Path

import pytest

from sim.report import document_tables
from sim.report.document_tables import DUTIES, LOG, OWNERS, log_rows, makers, refreshed_files, where_used
from sim.report.markdown_blocks import blocks
from sim.scenario.parameters import load_parameters

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
#: Headings of ODD+D (Müller et al. 2013) as the document writes them.
ODD_D = (
    "Purpose and patterns", "Entities, state variables and scales", "Process overview and scheduling",
    "Theoretical and empirical background", "Individual decisions", "Learning", "Individual sensing",
    "Individual prediction", "Interaction", "Collectives", "Heterogeneity", "Stochasticity", "Observation",
    "Emergence", "Implementation", "Initialisation", "Input data", "Submodels",
)  # fmt: skip
#: The eight elements of a TRACE document.
TRACE = (
    "Problem formulation", "Model description", "Data evaluation", "Conceptual model evaluation",
    "Implementation verification", "Model output verification", "Model analysis", "Model output corroboration",
)  # fmt: skip


@pytest.mark.parametrize("name", [*document_tables.DOCUMENTS, LOG.name])
def test_generated_parts_are_what_the_code_says_today(name: str) -> None:
    made = refreshed_files()[DOCS / name]
    assert (DOCS / name).read_text(encoding="utf-8") == made, "stale: run `python -m sim.report.odd_tables`"


def test_a_changed_number_makes_a_document_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(load_parameters())
    known.pop("steering.fit")
    monkeypatch.setattr(document_tables, "load_parameters", lambda: known)
    log_rows.cache_clear()
    try:
        files = refreshed_files()
    finally:
        log_rows.cache_clear()
    for name in ("plain.md", LOG.name):
        assert files[DOCS / name] != (DOCS / name).read_text(encoding="utf-8")


def test_every_generated_table_stands_in_a_document() -> None:
    found = {name for file in document_tables.DOCUMENTS for name in blocks((DOCS / file).read_text("utf-8"))}
    assert found == set(makers())


@pytest.mark.parametrize(("file", "wanted"), [("odd.md", ODD_D), ("trace.md", TRACE)])
def test_a_protocol_has_all_its_headings_in_order(file: str, wanted: tuple[str, ...]) -> None:
    headings = re.findall(r"^#+ (?:[\d.a]+ )?(.*)$", (DOCS / file).read_text(encoding="utf-8"), re.MULTILINE)
    missing = [name for name in wanted if not any(heading.startswith(name) for heading in headings)]
    assert not missing
    if file == "trace.md":
        assert [heading for heading in headings if heading in wanted] == list(wanted)


def test_every_assumption_is_in_the_log_with_an_owner_that_is_a_role() -> None:
    rows = {row["id"]: row for row in csv.DictReader(LOG.open(encoding="utf-8"))}
    assumed = [p.id for p in load_parameters().values() if p.grade == "assumption"]
    assert len(assumed) > 100
    assert not [key for key in assumed if key not in rows]
    assert {row["owner_role"] for row in rows.values()} == set(DUTIES) == set(OWNERS.values())
    assert not [key for key, row in rows.items() if not (row["statement"] and row["where_used"])]
    for row in rows.values():
        for path in row["where_used"].split():
            assert (ROOT / path).exists(), path


def test_only_numbers_told_from_chance_have_a_rank() -> None:
    ranked = [row for row in log_rows() if row["sensitivity_rank"].isdecimal()]
    assert ranked
    for row in ranked:
        low, high = map(float, re.findall(r"\(([-+.\d]+) to ([-+.\d]+)\)", row["sensitivity"])[0])
        assert low * high > 0.0, row["id"]
    assert len({row["sensitivity_rank"] for row in ranked}) == len(ranked)


def test_where_a_number_is_used_is_found_in_the_code() -> None:
    assert "sim/agents/drug_desk.py" in where_used("orphan_drugs.budget_weight")
    assert "sim/agents/steering.py" in where_used("rule.compliance")
    assert where_used("zz.ofthekind") == ()


def test_the_plain_page_says_in_both_languages_what_it_cannot_say_on_about_a_page() -> None:
    text = (DOCS / "plain.md").read_text(encoding="utf-8")
    swedish, english = text.split("## English")
    assert "### Vad det inte kan säga" in swedish
    assert "### What this cannot say" in english
    assert swedish.count("\n- **") == english.count("\n- **") >= 5
    assert max(len(part.split()) for part in (swedish, english)) < 450


def test_links_between_documents_lead_somewhere() -> None:
    for name in document_tables.DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)\)", (DOCS / name).read_text(encoding="utf-8")):
            assert (DOCS / target).exists(), f"{name}: {target}"
