"""What a browser may send as a scenario, and what it gets back."""

from __future__ import annotations

import pytest

from sim.scenario.errors import InputError, ScenarioError
from sim.scenario.loader import load_scenario
from sim.server import scenario_files
from sim.server.limits import _SAID, LimitReached, Limits
from sim.server.scenario_files import TODAY, as_yaml, checked, dict_of, exported, shown_name, text_of

LIMITS = Limits()
FUND = {
    "schema": 1, "extends": "baseline.yaml", "name": "fund",
    "title": {"sv": "Fond för särläkemedel", "en": "Orphan fund"},
    "levers": [{"orphan_earmarked_fund": {"from": "2027-01-01", "annual_budget_msek": 600}}],
}  # fmt: skip


@pytest.mark.parametrize(
    "parent",
    [
        "../../etc/passwd", "/etc/passwd", "../baseline.yaml", "levers/../../x.yaml", "a/b/c.yaml", "~/x.yaml",
        "baseline.yaml/..", "file:///etc/passwd", "C:\\x.yaml", "baseline", ".hidden.yaml", "x\x00.yaml",
    ],
)  # fmt: skip
def test_extends_never_looks_at_a_disk_that_is_not_the_scenario_folder(parent, monkeypatch) -> None:
    looked = []
    monkeypatch.setattr(
        "sim.scenario.loader.locate", lambda *args, **kwargs: looked.append(args) or (None, None)
    )
    with pytest.raises(InputError) as refused:
        checked({"schema": 1, "extends": parent}, "x.yaml", LIMITS)
    assert looked == []
    assert "root:" not in str(refused.value)


def test_a_scenario_beside_the_programs_own_can_be_extended() -> None:
    scenario = checked({"schema": 1, "extends": "levers/feedback.yaml", "name": "more"}, "x.yaml", LIMITS)
    assert any(use.id == "feedback" for use in scenario.levers)


def test_mistakes_are_told_as_on_the_command_line_without_a_path_of_the_server() -> None:
    text = "schema: 1\nextends: baseline.yaml\nlevers:\n  - orphan_fund: {}\n"
    with pytest.raises(ScenarioError) as refused:
        checked(text, "C:\\anna\\../min reform.yaml", LIMITS)
    (problem,) = refused.value.problems
    assert (problem.file, problem.line, problem.nearest) == ("min reform.yaml", 4, "orphan_earmarked_fund")


@pytest.mark.parametrize(
    "text",
    [
        "", "- a\n- b\n", "schema: 1\nextends: baseline.yaml\nname: [", "a: &x 1\nb: *x\n",
        "!!python/object:os.system {}",
        "schema: 1\nextends: baseline.yaml\nunknown: 1\n", "schema: 1\nschema: 1\n", "schema: 9\n",
        "schema: 1\nextends: baseline.yaml\nhorizon: {end: 2999}\n", "{" * 40,
    ],
)  # fmt: skip
def test_bad_files_are_refused_with_a_message(text) -> None:
    with pytest.raises(ScenarioError) as refused:
        checked(text, "bad.yaml", LIMITS)
    assert "bad.yaml" in str(refused.value)


def test_a_large_file_is_refused_before_it_is_read(monkeypatch) -> None:
    monkeypatch.setattr(scenario_files, "parse_yaml", lambda *args: pytest.fail("it was read"))
    large = "#" * (LIMITS.file_bytes + 1)
    with pytest.raises(LimitReached, match="too large"):
        text_of(large.encode(), "x.yaml", LIMITS)
    with pytest.raises(LimitReached, match="too large"):
        checked(large, "x.yaml", LIMITS)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ScenarioError, match="UTF-8"):
        text_of(b"\xff\xfe\x00", "x.yaml", LIMITS)


def test_what_is_asked_for_wins_over_the_file_and_keeps_its_name() -> None:
    scenario = checked(FUND, "x.yaml", LIMITS, scale="workshop", seeds=(4, 9), last_year=2031)
    assert (scenario.name, scenario.seeds, scenario.horizon.end) == ("fund", (4, 9), 2031)
    assert scenario.scale["mental_health"] == 0.02


def test_an_exported_file_stands_alone_and_is_the_same_scenario(tmp_path) -> None:
    scenario = checked(FUND, "x.yaml", LIMITS, scale="workshop", seeds=(4, 9), last_year=2031)
    file = tmp_path / "fund.yaml"
    file.write_text(exported(scenario), encoding="utf-8")
    again = load_scenario(file)
    assert again.hash == scenario.hash
    assert (again.name, dict(again.title)) == ("fund", dict(scenario.title))


def test_plain_values_become_the_yaml_that_means_the_same() -> None:
    assert dict_of(as_yaml(FUND), "x.yaml", LIMITS)["levers"] == FUND["levers"]
    assert checked(as_yaml(FUND), "x.yaml", LIMITS).hash == checked(FUND, "x.yaml", LIMITS).hash


@pytest.mark.parametrize(
    ("options", "limit"),
    [
        ({"scale": "whole country"}, "scale"),
        ({"seeds": tuple(range(1, 12))}, "seeds"),
        ({"last_year": 2041}, "years"),
    ],
)
def test_more_than_the_server_allows_is_refused_in_both_languages(options, limit) -> None:
    with pytest.raises(LimitReached) as refused:
        checked(TODAY, "x.yaml", LIMITS, **options)
    assert refused.value.limit == limit
    assert refused.value.said["sv"] != refused.value.said["en"]


def test_every_limit_says_what_is_allowed_in_both_languages() -> None:
    for name in _SAID:
        said = LimitReached(name, 7, 8).said
        assert set(said) == {"sv", "en"}
        assert all("7" in text or name in ("name",) for text in said.values())


@pytest.mark.parametrize("name", ["../../x", "a/b\\c.yaml", "<script>", "", "å" * 200, "\n"])
def test_a_shown_name_has_no_folders_and_nothing_strange(name) -> None:
    shown = shown_name(name)
    assert shown
    assert len(shown) <= 60
    assert not set(shown) & set("/\\<>\n")
