"""Explaining a region's change: what is told, decided, paid and reached, and where the chain breaks."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from functools import lru_cache

import pandas as pd
import pytest

from sim.experiment import compare
from sim.experiment.explain import explain
from sim.experiment.explain_facts import region_of
from sim.experiment.run import results_tables, simulate
from sim.experiment.setting import prepare
from sim.policies.conflicts import contradicting_uses
from sim.policies.registry import levers
from sim.scenario.errors import InputError
from sim.scenario.loader import load_scenario
from sim.scenario.schema import LeverUse
from tests.experiment.conftest import BASELINE, SMALL
from tests.experiment.results_folders import AREA, LEVER, OTHER, REGION, comparison, one_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return comparison(tmp_path_factory.mktemp("explain") / "compared")


@lru_cache(maxsize=16)
def chain(folder, region=REGION, lever=None):
    return next(c for c in explain(folder, region, lever, AREA))


@pytest.mark.parametrize(
    ("agent", "code"),
    [
        ("region 09", "09"),
        ("labour market 22", "22"),
        ("municipality 0980", "09"),
        ("centre pc-2281-012", "22"),
        ("drug clinic 01 university hospital", "01"),
        ("TLV", None),
        ("state", None),
        ("region 02", None),
    ],
)
def test_the_region_of_an_agent_is_read_from_its_name(agent, code):
    assert region_of(agent) == code


#: Agents of the tables that stand for the whole country.
NATIONAL = ("company", "NT council", "TLV", "national", "state", "the state")


@pytest.fixture(scope="module")
def many_levers_at_once():
    """Tables of a short run with every lever that can stand beside those before it."""
    scenario = load_scenario(BASELINE, sets=SMALL, years=2)
    uses = list(scenario.levers)
    for name, lever in levers().items():
        if any(
            name == use.id or name in levers()[use.id].excludes or use.id in lever.excludes for use in uses
        ):
            continue
        more = LeverUse(name, lever.Params(), date(2025, 1, 1))
        if not contradicting_uses([*uses, more]):
            uses.append(more)
    assert len(uses) > 60
    scenario = replace(scenario, levers=tuple(uses))
    return results_tables(scenario, 0, [simulate(prepare(scenario, 0), 1)])


def test_whoever_was_told_something_has_a_region_and_whoever_said_it_is_a_lever(many_levers_at_once):
    rows = many_levers_at_once["compliance"]
    assert set(rows["lever"].astype(str)) <= set(levers())
    assert {"mandatory_mar", "competence_council"} <= set(rows["lever"].astype(str))
    agents = set(rows["agent"].astype(str))
    assert {agent.split()[0] for agent in agents} > {"municipality", "region"}
    assert {agent for agent in agents if region_of(agent) is None} == set()


def test_only_national_agents_decide_without_a_region(many_levers_at_once):
    agents = set(many_levers_at_once["decisions"]["agent"].astype(str))
    assert {agent for agent in agents if region_of(agent) is None and not agent.startswith(NATIONAL)} == set()


def test_a_municipality_bears_its_code_in_what_it_was_told_as_in_what_it_decided(many_levers_at_once):
    rows = many_levers_at_once["compliance"]
    told = rows[rows["lever"].astype(str) == "mandatory_mar"]["agent"].astype(str)
    assert len(told)
    assert all(len(agent.removeprefix("municipality ")) == 4 and region_of(agent) for agent in told)


def test_what_is_told_comes_from_the_lever_itself(folder):
    (news,) = chain(folder).news
    assert (news.id, news.how, news.reaches, news.in_time) == (LEVER, "added", True, True)
    told = {(told.kind, told.handle, told.content): told for told in news.told}
    assert told["region", "standards", "fte_floor"].before is None
    assert "5" in told["region", "standards", "fte_floor"].after
    assert ("provider", "standards", "licensed_team") in told
    assert ("state", "standards", "fte_floor") not in told


def test_decisions_are_compared_as_amounts_and_as_events(folder):
    facts = chain(folder).facts
    by_name = {change.name: change for change in facts.decisions}
    # Three of the four years have the law.
    assert by_name["funded_fte_per_10000"].difference == pytest.approx(0.5 * 3 / 4)
    (event,) = facts.events
    assert (event.decision, event.count.before, event.count.after, event.alone) == ("wanted_fte", 0.0, 1.0, 1)
    assert event.example["agent"] == "centre pc-2281-012"
    assert event.example["date"] == "2026-01-01"


def test_money_is_told_by_payer_and_for_all_together(folder):
    money = {change.name: change for change in chain(folder).facts.money}
    assert money["state"].difference == pytest.approx(7.5e6)
    assert money["region"].difference == pytest.approx(-6e6)
    assert money["all"].difference == pytest.approx(1.5e6)
    assert money["patient"].nothing


def test_people_are_counted_a_year_over_all_seeds(folder):
    facts = chain(folder).facts
    assert facts.outcome.difference == pytest.approx(0.01 * 3 / 4)
    assert facts.outcome.told_apart
    assert (facts.gaining, facts.losing) == (10.0, 2.5)


def test_the_breaks_name_withdrawn_money_and_posts_not_found(folder):
    found = {b.kind: b.numbers for b in chain(folder).breaks}
    assert set(found) == {"own_money_withdrawn", "posts_not_found"}
    assert found["own_money_withdrawn"]["share"] == pytest.approx(0.8)
    assert found["posts_not_found"]["after"] < found["posts_not_found"]["before"]


def test_a_region_without_any_difference_is_untouched(folder):
    other = chain(folder, OTHER)
    assert other.facts.untouched
    assert not chain(folder).facts.untouched


def test_a_change_within_luck_is_not_told_apart(tmp_path):
    outcome = chain(comparison(tmp_path / "c", effect=0.001, wobble=0.01)).facts.outcome
    assert outcome.difference != 0.0
    assert not outcome.told_apart
    assert not outcome.nothing


def test_one_seed_gives_no_interval(tmp_path):
    outcome = chain(comparison(tmp_path / "c", seeds=(1,))).facts.outcome
    assert math.isnan(outcome.low)
    assert not outcome.told_apart


@pytest.mark.parametrize(("share", "is_break"), [(0.3, True), (1.0, False)])
def test_who_does_not_follow_breaks_the_chain(tmp_path, share, is_break):
    made = chain(comparison(tmp_path / "c", compliance=share))
    (row,) = made.facts.compliance
    assert (row.lever, row.share, row.agents) == (LEVER, share, 10.0)
    assert row.probability == pytest.approx(0.3)
    assert ("not_followed" in {b.kind for b in made.breaks}) is is_break


def test_a_single_run_is_explained_over_time_without_pairs(tmp_path):
    made = chain(one_run(tmp_path / "r"))
    assert made.base == ""
    assert made.years == ((2025, 2026), (2027, 2028))
    assert math.isnan(made.facts.gaining)
    assert [(news.id, news.how) for news in made.news] == [(LEVER, "starts")]
    assert "own_money_withdrawn" not in {b.kind for b in made.breaks}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"region": "02"}, "codes 01, 03"),
        ({"region": "Gotlnd"}, '"09" (Gotland)'),
        ({"lever": "nt_council"}, "the same with and without the reform"),
        ({"lever": "aids_fee_cap"}, "none of the compared scenarios has this lever"),
        ({"lever": "mental_mission_and_competense"}, f"did you mean: {LEVER}?"),
    ],
)
def test_an_unknown_region_or_lever_is_refused_with_what_is_allowed(folder, options, words):
    with pytest.raises(InputError) as caught:
        explain(folder, **{"region": REGION, **options})
    assert words in str(caught.value)


def test_a_region_can_be_named_in_words_or_without_its_zero(folder):
    assert explain(folder, "Gotland")[0].facts.region == "09"
    assert explain(folder, "9")[0].facts.region == "09"


def test_a_folder_without_results_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"not a results folder.*manifest"):
        explain(tmp_path, REGION)


# -- a real comparison ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    base = load_scenario(BASELINE, sets=SMALL, years=3)
    law = [f"levers.{LEVER}.from=2026-01-01", f"levers.{LEVER}.regions=[22]", "name=law"]
    fees = ["levers.aids_national_tariff.from=2026-01-01"]
    reform = load_scenario(BASELINE, sets=[*SMALL, *law, *fees], years=3)
    out = tmp_path_factory.mktemp("explain") / "real"
    compare.run_compare(base, [reform], seeds=(1, 2), out=out)
    return out


@pytest.mark.slow
def test_compare_keeps_the_decisions_of_base_and_reform(real):
    decisions = pd.read_parquet(real / "decisions.parquet")
    assert set(decisions["scenario"]) == {"baseline", "law"}
    yearly = ("own_drug_budget_msek", "required_fte_per_10000", "funded_fte_per_10000", "posts_found_share")
    counts = decisions.groupby(["scenario", "seed", "decision"]).size()
    for name in yearly:
        assert (counts[:, :, name] == 21 * 3).all(), name
    assert {"region 01", "labour market 25"} <= set(decisions["agent"])


@pytest.mark.slow
def test_a_law_for_one_region_is_told_there_and_nowhere_else(real):
    here, there = (chain(real, region, lever=LEVER) for region in ("22", "09"))
    assert here.news[0].reaches
    assert not there.news[0].reaches
    assert {b.kind for b in there.breaks} >= {"other_regions"}
    required = {c.name: c for c in here.facts.decisions}["required_fte_per_10000"]
    assert required.difference > 0.0
    assert {c.name: c for c in there.facts.decisions}["required_fte_per_10000"].nothing


@pytest.mark.slow
def test_a_national_tariff_shows_in_the_fees_of_regions_and_municipalities(real):
    decisions = pd.read_parquet(real / "decisions.parquet").query("decision == 'fees'")
    assert set(decisions["scenario"]) == {"law"}
    kinds = {agent.split()[0] for agent in decisions["agent"]}
    assert kinds == {"region", "municipality"}


@pytest.mark.slow
def test_the_area_that_a_lever_does_not_concern_says_so(real):
    (made,) = explain(real, "22", lever=LEVER, area="orphan_drugs")
    assert made.breaks[0].kind == "other_area"
    assert made.facts.untouched
