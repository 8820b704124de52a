"""The patterns: all can be read, each says what it is, and no figure serves both as parameter and as evidence."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sim.data import DATA_FOLDER
from sim.experiment.credibility.patterns import FOLDER, calibrated_figures, load_catalogue
from sim.experiment.store import PROJECT
from sim.scenario.errors import InputError
from sim.scenario.loader import load_scenario
from sim.scenario.parameters import load_parameters
from sim.scenario.passport import Parameter

CATALOGUE = load_catalogue()
HELD_OUT = [p for p in CATALOGUE.patterns if p.tag == "held_out"]
#: A source that a held-out pattern shares with a parameter, and why no figure serves twice.
OTHER_FIGURES = {
    (
        "devices.hearing_recipients",
        "assistive_devices.prevalence.mobility",
    ): "mobility aids, not hearing aids",
    ("mental.coverage", "population.primary_care_centres"): "how many centres there are, not who works there",
    (
        "mental.coverage",
        "mental_health.centres_with_psychologist_2009",
    ): "an earlier survey, where the model takes off",
    ("mental.less_than_one_fte", "mental_health.psychotherapist_log_sd"): "psychotherapists by region",
    ("drugs.nt_council_equalises_in_part", "orphan_drugs.adherence"): "that recommendations are voluntary",
    ("drugs.nt_council_equalises_in_part", "assistive_devices.consumer_product_share"): "another report",
}


def test_every_pattern_has_words_in_both_languages_and_a_reason_for_its_tolerance() -> None:
    assert len(CATALOGUE.patterns) >= 60
    for pattern in CATALOGUE.patterns:
        assert pattern.title["sv"] != pattern.title["en"]
        assert pattern.source
        if pattern.is_run:
            assert pattern.tolerance is not None
            assert len(pattern.tolerance.reason) > 4, pattern.id


def test_every_held_out_pattern_names_the_mechanism_that_should_make_it() -> None:
    assert len(HELD_OUT) >= 15
    assert all(p.mechanism for p in HELD_OUT)


def test_a_published_value_lies_within_its_own_tolerance() -> None:
    for pattern in CATALOGUE.patterns:
        if pattern.tolerance is not None and pattern.published.value is not None:
            assert pattern.tolerance.holds(pattern.published.value), pattern.id


def test_every_world_is_a_scenario_of_the_project_and_is_read_by_a_pattern() -> None:
    used = {term["world"] for p in CATALOGUE.patterns for term in p.terms.values()}
    assert used == set(CATALOGUE.worlds)
    for world in CATALOGUE.worlds.values():
        load_scenario(PROJECT / "scenarios" / world.scenario)


def test_every_replayed_reform_is_read_by_a_pattern() -> None:
    replayed = {f"history/{path.name}" for path in (PROJECT / "scenarios" / "history").glob("*.yaml")}
    assert replayed
    assert replayed <= {world.scenario for world in CATALOGUE.worlds.values()}


def test_what_is_switched_off_are_parameters_of_the_model_and_is_used() -> None:
    known = load_parameters()
    used = {name for p in CATALOGUE.patterns for name in p.all_removals}
    assert used == set(CATALOGUE.removals)
    for removal in CATALOGUE.removals.values():
        assert set(removal.parameters) <= set(known)


# -- parameter and validation figures are kept apart ---------------------------------------------------------------


def validation_ids() -> set[str]:
    """Names of all figures in the validation folder: columns of its tables, ids of the national ones."""
    found: set[str] = set()
    for path in (DATA_FOLDER / "validation").glob("*.csv"):
        table = pd.read_csv(path)
        found |= set(table.columns)
        if path.name == "national.csv":
            found |= set(table["id"])
    return found


def test_a_figure_that_a_pattern_names_lies_among_the_validation_figures() -> None:
    for pattern in CATALOGUE.patterns:
        assert set(pattern.figures) <= validation_ids(), pattern.id


def shared_sources(source: str, parameters: list[Parameter]) -> list[str]:
    """Parameters whose passport names a part of this source."""
    parts = [part.strip().lower() for part in re.split(r"[;,]", source)]
    return [p.id for p in parameters if any(len(part) > 7 and part in p.source.lower() for part in parts)]


def allowed(pattern: str, parameter: str) -> bool:
    return any(pattern.startswith(p) and parameter.startswith(q) for p, q in OTHER_FIGURES)


@pytest.mark.parametrize("pattern", HELD_OUT, ids=lambda p: p.id)
def test_no_parameter_rests_on_the_source_of_a_held_out_pattern_unless_on_another_figure(pattern) -> None:
    parameters = [p for p in load_parameters().values() if p.role == "parameter"]
    shared = [name for name in shared_sources(pattern.source, parameters) if not allowed(pattern.id, name)]
    assert not shared, (
        f"tag {pattern.id} as fitted, or say in OTHER_FIGURES which other figure it is: {shared}"
    )


def test_a_parameter_from_the_source_of_a_pattern_would_be_found() -> None:
    some = next(p for p in load_parameters().values() if "Svensson et al. 2015" in p.source)
    assert shared_sources("Svensson et al. 2015, elsewhere", [some]) == [some.id]
    assert shared_sources("Riksrevisionen, RiR 2016:29 (summary)", [some]) == []


def test_a_pattern_stops_being_evidence_when_calibration_is_fitted_to_its_figure(tmp_path: Path) -> None:
    targets = tmp_path / "targets.csv"
    targets.write_text(
        "id,tag,figure\n"
        "a,fitted,validation/national.csv centres_with_psychologist_pct_2015\n"
        "b,held_out,validation/national.csv centres_with_psychologist_pct_2011\n",
        encoding="utf-8",
    )
    catalogue = load_catalogue(FOLDER, targets)
    tags = {p.id: catalogue.tag_of(p) for p in catalogue.patterns}
    assert tags["mental.coverage_2015"] == tags["mental.coverage_growth"] == "fitted"
    assert tags["mental.coverage_2011"] == "held_out"
    fitted = next(p for p in catalogue.patterns if p.id == "mental.coverage_2015")
    assert "calibrated to centres_with_psychologist_pct_2015" in catalogue.tag_reason_of(fitted)


def test_no_pattern_that_counts_as_evidence_has_a_figure_that_calibration_is_fitted_to() -> None:
    fitted = calibrated_figures()
    for pattern in CATALOGUE.patterns:
        if CATALOGUE.tag_of(pattern) == "held_out":
            assert not fitted & set(pattern.figures), pattern.id


# -- files that are wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('expression: "cv * mean"', 'expression: "cv * median"', "terms are not those"),
        ('expression: "cv * mean"', "expression: \"__import__('os')\"", "not arithmetic"),
        ("read: spend_cv", "read: spend_variance", "there is no read"),
        ("world: poisson", "world: gauss", "there is no world"),
        ("world: poisson", "world: free_aids", "is run without orphan_drugs"),
        ("    tag: identity", "    tag: proven", "held_out"),
        ("low: 60, high: 370", "low: 370, high: 60", "low must be below high"),
        ('    tag_reason: "Arithmetic of independent cases"', '    tag_reason: ""', "is not said"),
        ("    year: 2024", "    year: 2024\n    mood: good", "Extra inputs"),
    ],
)
def test_a_wrong_file_is_refused_in_words(tmp_path: Path, old: str, new: str, said: str) -> None:
    for name in ("worlds.yaml", "removals.yaml", "risk_pooling.yaml"):
        shutil.copy(FOLDER / name, tmp_path / name)
    path = tmp_path / "risk_pooling.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(said)):
        load_catalogue(tmp_path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "risk_pooling.yaml", tmp_path)
    with pytest.raises(InputError, match=r"worlds\.yaml"):
        load_catalogue(tmp_path)
