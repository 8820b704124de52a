"""Planning a sweep: points, names of runs, what is shared, what is kept, and expansions."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sim.experiment.sweep import extra, plan
from sim.experiment.sweep.execute import missing_jobs
from sim.experiment.sweep.outcomes import chosen_outcomes, result_values
from sim.experiment.sweep.points import DesignError, unit_points
from sim.experiment.sweep.store import SweepFolderError, SweepStore
from sim.scenario.distributions import make_distribution
from sim.scenario.sweep_factors import value_at
from sim.scenario.sweep_loader import SweepError, load_sweep
from sim.scenario.sweep_schema import Factor
from tests.experiment.sweep_cases import RUNS, TEXT, planned, sweep_file

X = [
    Factor(f"parameters.x{i}", "number", make_distribution("uniform", {"low": 0, "high": 2}))
    for i in range(3)
]


def test_a_plan_in_its_folder_gives_the_same_runs_as_when_it_was_made(tmp_path):
    store = planned(tmp_path / "sweep")
    context = plan.stored_context(SweepStore.open(store.folder))
    places = plan.unit_places(context, store.points())
    again = plan.design_of(context, 0, places, store.plan["seeds"])
    assert again.equals(store.design())
    assert len(again) == again["run_id"].nunique() == RUNS


def test_a_base_that_no_factor_touches_is_run_once_a_seed(tmp_path):
    text = TEXT.replace("  parameters.orphan_drugs.start_per_month:\n", "")
    store = planned(tmp_path / "sweep", text)
    design = store.design()
    base = design[design["policy"] == "baseline"]
    assert len(base) == 4
    assert base["run_id"].nunique() == 2
    jobs, total = missing_jobs(store, plan.stored_context(store))
    assert total == sum(len(job.runs) for job in jobs) == 2 + 4
    assert [job.seed for job in jobs] == sorted(job.seed for job in jobs)


def test_a_run_is_named_by_everything_that_decides_it(tmp_path, monkeypatch):
    sweep = load_sweep(sweep_file(tmp_path))
    made = plan.draft(sweep)
    names = set(made.design["run_id"])
    other_seed = load_sweep(sweep_file(tmp_path, TEXT.replace("pairs: 2", "pairs: [3, 4]")))
    assert not names & set(plan.draft(other_seed).design["run_id"])
    other_draw = load_sweep(sweep_file(tmp_path, TEXT + "draw: 5\n"))
    assert not names & set(plan.draft(other_draw).design["run_id"])
    monkeypatch.setattr(plan, "model_version", lambda: {"code": "another"})
    assert not names & set(plan.draft(sweep).design["run_id"])


@pytest.mark.parametrize("what", ["code", "data", "parameters", "measures"])
def test_another_version_of_the_model_does_not_go_on_with_a_sweep(tmp_path, what):
    store = planned(tmp_path / "sweep")
    path = store.folder / "plan.json"
    content = json.loads(path.read_text())
    assert content["model"][what]
    content["model"][what] = "another"
    path.write_text(json.dumps(content))
    with pytest.raises(SweepFolderError, match=rf"model has changed since this sweep began \({what}\)"):
        plan.stored_context(SweepStore.open(store.folder))


def test_subsets_are_every_combination_of_the_levers_up_to_the_largest(tmp_path):
    (tmp_path / "all.yaml").write_text(
        "schema: 1\nextends: baseline.yaml\nname: all\nlevers:\n"
        "  - orphan_earmarked_fund: {from: 2027-01-01}\n"
        "  - orphan_fast_track: {from: 2027-01-01}\n".replace(
            "orphan_fast_track", "orphan_national_assessment"
        )
    )
    subsets = "subsets: {from: all.yaml, of: [orphan_earmarked_fund, orphan_national_assessment]}"
    store = planned(tmp_path / "sweep", TEXT.replace("reforms: [orphan_fund.yaml]", subsets))
    policies = store.policies()
    both = "orphan_earmarked_fund+orphan_national_assessment"
    assert list(policies["policy"]) == [
        "baseline",
        "orphan_earmarked_fund",
        "orphan_national_assessment",
        both,
    ]
    assert set(policies["levers"].iloc[3].split("+")) == set(both.split("+"))
    context = plan.stored_context(store)
    assert {use.id for use in context.policies[both].levers} > set(both.split("+"))


@pytest.mark.parametrize(
    ("kind", "settings", "units", "points"),
    [
        ("morris", {"levels": 4}, 5, 5 * 4),
        ("sobol", {"second_order": False}, 8, 8 * 5),
        ("sobol", {"second_order": True}, 8, 8 * 8),
        ("lhs", {}, 7, 7),
        ("factorial", {"levels": 3}, 1, 27),
    ],
)
def test_designs_fill_the_unit_cube_with_the_expected_number_of_points(kind, settings, units, points):
    found = unit_points(kind, settings, X, 1, 0, 0, units)
    assert found.shape == (points, 3)
    assert found.min() >= 0.0
    assert found.max() <= 1.0
    assert (np.ptp(found, axis=0) > 0.5).all()


@pytest.mark.parametrize(
    ("kind", "settings"), [("morris", {"levels": 4}), ("sobol", {"second_order": False}), ("lhs", {})]
)
def test_more_points_are_other_points(kind, settings):
    first = unit_points(kind, settings, X, 1, 0, 0, 8)
    more = unit_points(kind, settings, X, 1, 1, 8, 8)
    assert first.shape == more.shape
    assert (first == more).all(axis=1).mean() < 0.3  # points of Morris lie on a grid and may meet by chance
    if kind == "sobol":
        assert (np.concatenate([first, more]) == unit_points(kind, settings, X, 1, 0, 0, 16)).all()


def test_a_design_that_cannot_grow_so_says_how_it_can():
    with pytest.raises(DesignError, match="add 8"):
        unit_points("sobol", {"second_order": False}, X, 1, 1, 8, 3)
    with pytest.raises(DesignError, match="--expand seeds=N"):
        unit_points("factorial", {"levels": 3}, X, 1, 1, 1, 3)


def test_expansion_adds_cells_and_moves_none(tmp_path):
    store = planned(tmp_path / "sweep")
    before = store.design()
    plan.expand(store, units=2)
    plan.expand(SweepStore.open(store.folder), seeds=1)
    store = SweepStore.open(store.folder)
    after = store.design()
    assert after.head(len(before)).equals(before)
    assert len(after) == 4 * 2 * 3
    assert after.groupby(["point", "policy", "seed"]).ngroups == len(after)
    assert list(store.points()["point"]) == [0, 1, 2, 3]
    assert store.plan["seeds"] == [1, 2, 3]


def test_a_factor_is_cut_where_its_distribution_has_no_end():
    open_ended = Factor("parameters.x", "number", make_distribution("normal", {"mean": 0, "sd": 1}))
    assert value_at(open_ended, 0.0) == pytest.approx(-2.576, abs=0.01)
    assert [value_at(X[0], u) for u in (0.0, 0.5, 1.0)] == [0.0, 1.0, 2.0]
    whole = Factor("parameters.n", "int", make_distribution("uniform", {"low": 1, "high": 3}))
    assert [value_at(whole, u) for u in (0.0, 0.5, 1.0)] == [1, 2, 3]
    choice = Factor("levers.a.b", "choice", make_distribution("choice", {"values": ["x", "y"]}))
    assert [value_at(choice, u) for u in (0.0, 0.49, 0.51, 1.0)] == ["x", "x", "y", "y"]


def test_results_of_a_run_are_means_over_years_of_what_each_year_gives(tmp_path):
    from sim.experiment.run import results_frame, results_tables, simulate
    from sim.experiment.setting import prepare

    sweep = load_sweep(sweep_file(tmp_path, TEXT + "measures: [sd, gini]\n"))
    context = plan.context_of(sweep)
    result = simulate(prepare(sweep.base, 0, areas=("orphan_drugs",)), 1)
    values = dict(zip(context.rows(), result_values(
        result.records, results_frame(sweep.base, 0), chosen_outcomes(sweep), context.areas), strict=True))  # fmt: skip
    tables = results_tables(sweep.base, 0, [result])
    own = tables["inequality"].query("indicator == 'share_treated_24m' and kind == 'latent'")
    for measure in ("sd", "gini"):
        expected = own[own["measure"] == measure]["value"].mean()
        assert values["orphan_drugs", "share_treated_24m", "00", measure] == pytest.approx(
            expected, rel=1e-12
        )
    regional = tables["indicators"].query("indicator == 'share_treated_24m' and kind == 'latent'")
    for region in ("01", "25"):
        expected = regional[regional["region"] == region]["value"].mean()
        assert values["orphan_drugs", "share_treated_24m", region, "value"] == pytest.approx(
            expected, rel=1e-12
        )
    by_year = regional[regional["region"] != "00"].groupby("year")["value"]
    assert values["orphan_drugs", "share_treated_24m", "00", "worst"] == pytest.approx(by_year.min().mean())
    costs = tables["costs"].query("region == '00'")
    assert values["orphan_drugs", "cost_all", "00", "total"] == pytest.approx(
        costs.groupby("year")["value"].sum().mean()
    )


def test_outcomes_and_measures_that_do_not_exist_are_refused_with_their_line(tmp_path):
    text = TEXT + "outcomes: [orphan_drugs.share_treated_24]\nmeasures: [gigni]\n"
    with pytest.raises(SweepError) as caught:
        chosen_outcomes(load_sweep(sweep_file(tmp_path, text)))
    measure, outcome = caught.value.problems
    assert (outcome.line, outcome.nearest) == (14, "orphan_drugs.share_treated_24m")
    assert (measure.line, measure.nearest) == (15, "gini")
    other = TEXT + "outcomes: [mental_health]\n"
    with pytest.raises(SweepError, match="an area that is simulated: orphan_drugs"):
        chosen_outcomes(load_sweep(sweep_file(tmp_path, other)))


def test_a_missing_extra_is_said_with_how_to_install_it(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "SALib.sample.morris", None)
    with pytest.raises(extra.MissingExtraError, match=r"centralisation-sim\[sweep\]"):
        unit_points("morris", {"levels": 4}, X, 1, 0, 0, 2)
