import re
from pathlib import Path

import numpy as np
import pytest

from sim.report import odd_tables
from sim.report.odd_tables import StaleWordsError, blocks, check_words, refreshed, tables

ROOT = Path(__file__).resolve().parents[2]
ODD = (ROOT / "docs" / "odd.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def test_every_generated_table_stands_in_the_document_exactly_once() -> None:
    names = re.findall(r"<!-- generated:([\w.]+) -->", ODD)
    assert sorted(names) == sorted(tables())
    assert list(blocks(ODD)) == names


@pytest.mark.parametrize("name", tables())
def test_generated_tables_are_what_the_code_says_today(name: str) -> None:
    made = tables()[name](ODD)
    assert blocks(ODD)[name] == made, "stale: run `python -m sim.report.odd_tables`"


def test_a_stale_table_is_replaced_and_hand_written_text_is_kept() -> None:
    text = "before\n<!-- generated:parameters -->\nold\n<!-- /generated -->\nafter\n"
    new = refreshed(text)
    assert "old" not in new
    assert "orphan drugs" in new
    assert new.startswith("before\n")
    assert new.endswith("after\n")
    assert refreshed(new) == new


def test_a_new_column_without_a_meaning_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = odd_tables.patient_columns("mental_health")
    more = {**columns, "mood": np.dtype(np.int8)}
    monkeypatch.setattr(odd_tables, "patient_columns", lambda _: more)
    with pytest.raises(StaleWordsError, match="mood"):
        odd_tables.state_table("mental_health")


def test_a_description_of_something_gone_is_refused_by_name() -> None:
    with pytest.raises(StaleWordsError, match=r"remove .*'gone'"):
        check_words("anything", ["here"], {"here": "is here", "gone": "was here"})


def test_parameters_named_in_a_submodel_exist() -> None:
    from sim.scenario.parameters import load_parameters

    known = set(load_parameters())
    named = re.findall(r"`((?:orphan_drugs|mental_health|assistive_devices|population|moves)\.[\w.]+)`", ODD)
    assert named
    assert not [name for name in named if name not in known]


def test_parameters_listed_after_a_submodel_exist() -> None:
    from sim.scenario.parameters import load_parameters

    known = set(load_parameters())
    lists = re.findall(r"^Parameters \((\w+)\): (.*?)\n\n", ODD, flags=re.MULTILINE | re.DOTALL)
    assert {area for area, _ in lists} == {"orphan_drugs", "mental_health", "assistive_devices"}
    wrong = [
        f"{area}.{name}"
        for area, names in lists
        for name in re.findall(r"`([\w.]+)`", names)
        if f"{area}.{name}" not in known
    ]
    assert not wrong


def test_files_that_the_description_points_to_exist() -> None:
    paths = re.findall(r"`((?:sim|docs|scenarios)/[\w/.]+\.(?:py|md|yaml|csv))`", ODD)
    assert paths
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_the_glossary_has_each_swedish_term_once_in_alphabetical_order_of_its_section() -> None:
    sections = GLOSSARY.split("\n## ")[1:]
    assert sections
    everything: list[str] = []
    for section in sections:
        rows = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| ")][1:]
        assert rows, section.splitlines()[0]
        assert all(len(row) == 3 and all(cell.strip() for cell in row) for row in rows)
        terms = [row[0].strip() for row in rows]
        alphabet = {letter: i for i, letter in enumerate("abcdefghijklmnopqrstuvwxyzåäö")}
        keys = [[alphabet.get(letter, -1) for letter in term.lower()] for term in terms]
        assert keys == sorted(keys), section.splitlines()[0]
        everything += terms
    assert len(everything) == len(set(everything))
