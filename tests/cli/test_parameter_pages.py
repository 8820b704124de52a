"""Every parameter has one row, with all that its passport says; pages are made from the file and nothing else."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from sim.cli import parameter_pages
from sim.cli.parameter_pages import INDEX, TOPICS, all_texts, parameter_row, topic_of, write
from sim.scenario.parameters import load_parameters


def test_every_parameter_has_one_row_on_the_page_of_its_topic():
    texts = all_texts()
    assert set(texts) == {INDEX, *(f"{topic}.md" for topic in TOPICS)}
    rows = {name: re.findall(r'^\| <span id="([\w.]+)"', text, re.MULTILINE) for name, text in texts.items()}
    for topic in TOPICS:
        assert rows[f"{topic}.md"], topic
        assert {topic_of(name) for name in rows[f"{topic}.md"]} == {topic}
    everything = [name for page in rows.values() for name in page]
    assert sorted(everything) == sorted(load_parameters())


def test_a_row_has_value_unit_range_grade_year_and_source():
    parameter = load_parameters()["population.primary_care_centres"]
    name, value, unknown, source = parameter_row(parameter)
    assert parameter.label["en"] in name
    assert parameter.label["sv"] in name
    assert f"**{parameter.value}**" in value
    assert parameter.unit in value
    assert unknown == "1150 to 1200"
    assert f"**{parameter.grade}**, {parameter.year}" in source
    assert parameter.source in source
    fixed = replace(parameter, distribution=None, fixed="a law")
    assert parameter_row(fixed)[2] == "–"
    assert "a law" in parameter_row(fixed)[3]


def test_a_bar_in_a_text_does_not_break_the_row():
    parameter = replace(load_parameters()["population.primary_care_centres"], source="one | other\nthird")
    text = parameter_pages.page_text(TOPICS["population"], [parameter])
    (row,) = (line for line in text.splitlines() if line.startswith("| <span"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 5
    assert "third" in row


def test_the_index_counts_what_the_pages_hold():
    text = all_texts()[INDEX]
    assert f"{len(load_parameters())} parameters" in text
    total = re.search(r"^\| \*\*all\*\* \| (.*) \|$", text, re.MULTILINE)
    assert total is not None
    *grades, everything, _ = (int(cell) for cell in total[1].split(" | "))
    assert sum(grades) == everything == len(load_parameters())


def test_writing_again_touches_nothing_and_takes_away_what_is_gone(tmp_path):
    paths = write(tmp_path)
    for path in paths:
        os.utime(path, (1, 1))
    (tmp_path / "gone.md").write_text("# Gone", encoding="utf-8")
    write(tmp_path)
    assert {path.stat().st_mtime for path in paths} == {1.0}
    assert not (tmp_path / "gone.md").exists()
