"""What a screen shows of a comparison: plain data in both languages, and no number that the tables do not hold."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sim.experiment.compare import all_tables, compare_seeds
from sim.experiment.store import PROJECT
from sim.scenario.loader import load_scenario
from sim.server.kept_folder import KeptFolder
from sim.server.view_parts import plain
from sim.server.views import all_views
from sim.server.views_care import region_page
from sim.server.views_matrix import latest_matrix, matrix_view

SMALL = ["scale.mental_health=0.01", "scale.assistive_devices=0.01", "scale.orphan_drugs=0.1"]
AREAS = ("orphan_drugs", "mental_health", "assistive_devices")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> KeptFolder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        base = load_scenario(PROJECT / "scenarios" / "baseline.yaml", sets=SMALL, years=2)
        cap = load_scenario(
            PROJECT / "scenarios" / "levers" / "aids_fee_cap.yaml",
            sets=[
                *SMALL,
                "name=cap",
                "levers.aids_fee_cap.from=2025-01-01",
                "levers.aids_fee_cap.cap_sek_per_year=0",
            ],
            years=2,
        )
        results = list(compare_seeds(base, [cap], draw=0, seeds=(1, 2)))
        tables, summary = all_tables(base, [cap], 0, results)
        return KeptFolder(base, [cap], 0, (1, 2), tables, summary)


@pytest.fixture(scope="module")
def views(folder) -> dict[str, Any]:
    return all_views(folder)


def labels_in(value: Any) -> list[dict[str, str]]:
    if isinstance(value, dict):
        own = [value] if "sv" in value or "en" in value else []
        return own + [label for item in value.values() for label in labels_in(item)]
    return [label for item in value for label in labels_in(item)] if isinstance(value, list) else []


def test_views_are_plain_data_without_numbers_that_are_none(views) -> None:
    again = json.loads(json.dumps(views, allow_nan=False))
    assert set(again) == set(views)


def test_every_word_stands_in_both_languages(views) -> None:
    labels = labels_in(views)
    assert len(labels) > 100
    assert all(
        set(label) == {"sv", "en"} and all(isinstance(t, str) for t in label.values()) for label in labels
    )


def test_the_map_has_every_region_with_the_values_of_the_paired_table(folder, views) -> None:
    assert len(views["map"]["tiles"]) == 21
    assert len({(tile["row"], tile["column"]) for tile in views["map"]["tiles"]}) == 21
    paired = folder.table("paired")
    own = paired[
        (paired["area"] == "assistive_devices") & (paired["indicator"] == "share_suitable_90d")
        & (paired["region"] == "09")
        & (paired["kind"] == "latent") & (paired["measure"] == "value") & (paired["seed"] > 0)
    ]  # fmt: skip
    shown = views["map"]["areas"]["assistive_devices"]["reforms"]["cap"]["regions"]["09"]
    assert shown["difference"] == pytest.approx(100 * own["difference"].mean(), rel=1e-5)
    assert shown["low"] <= shown["difference"] <= shown["high"]
    assert shown["chance"] is (shown["low"] <= 0.0 <= shown["high"])


def test_a_difference_of_exactly_nothing_is_no_finding(views) -> None:
    for region in views["map"]["areas"]["orphan_drugs"]["reforms"]["cap"]["regions"].values():
        assert region["difference"] in (0.0, None)
        assert region["chance"] in (True, None)


def test_inequality_over_time_is_that_of_the_inequality_table(folder, views) -> None:
    rows = folder.table("inequality")
    own = rows[
        (rows["scenario"] == "cap") & (rows["area"] == "mental_health") & (rows["measure"] == "sd") & (rows["seed"] > 0)
        & (rows["indicator"] == "share_started_90d") & (rows["kind"] == "latent") & (rows["year"] == 2026)
    ]  # fmt: skip
    shown = views["over_time"]["areas"]["mental_health"]["scenarios"]["cap"]["measures"]["sd"]
    assert shown["value"][1] == pytest.approx(100 * own["value"].mean(), rel=1e-5)
    assert shown["low"][1] <= shown["value"][1] <= shown["high"][1]
    assert views["over_time"]["years"] == [2025, 2026]


def test_levels_add_up_to_the_whole(views) -> None:
    for area in AREAS:
        parts = views["levels"]["areas"][area]["baseline"]
        if parts and all(part["percent"] is not None for part in parts.values()):
            assert sum(part["percent"] for part in parts.values()) == pytest.approx(100.0, abs=0.1)
            break
    else:
        pytest.fail("no area has levels")


def test_winners_by_age_by_income_and_by_region_are_the_same_people(views) -> None:
    own = views["people"]["reforms"]["cap"]["assistive_devices"]
    totals = {by: sum(group["gaining"] for group in own[by].values()) for by in ("age", "income", "region")}
    assert totals["age"] == pytest.approx(own["total"]["gaining"], rel=1e-4)
    assert (
        totals["age"]
        == pytest.approx(totals["income"], rel=1e-4)
        == pytest.approx(totals["region"], rel=1e-4)
    )
    assert totals["age"] > 0


def test_payers_add_up_and_regions_add_up_to_the_country(views) -> None:
    own = views["costs"]["reforms"]["cap"]["assistive_devices"]
    four = sum(own[payer]["difference"] for payer in ("state", "region", "municipality", "patient"))
    assert four == pytest.approx(own["all"]["difference"], rel=1e-3, abs=1e-3)
    regions = views["costs"]["regions"]["cap"]["assistive_devices"]
    assert sum(each["patient"]["difference"] for each in regions.values()) == pytest.approx(
        own["patient"]["difference"], rel=1e-3, abs=1e-3
    )
    assert own["patient"]["difference"] < 0, "a fee cap saves patients money"


def test_a_regions_page_has_its_own_numbers_and_its_place(views) -> None:
    page = region_page(views, "25")
    assert page["name"] == "Norrbotten"
    for area in AREAS:
        primary = next(item for item in page["areas"][area] if item["indicator"]["primary"])
        if primary["reforms"]["cap"]["base"] is None:
            continue
        shown = views["map"]["areas"][area]["reforms"]["cap"]["regions"]["25"]
        assert primary["reforms"]["cap"]["base"] == pytest.approx(shown["base"], rel=1e-5)
        everyone = [
            views["map"]["areas"][area]["reforms"]["cap"]["regions"][c]["base"]
            for c in views["regions"]["codes"][1:]
        ]
        place = 1 + sum(value > shown["base"] + 1e-9 for value in everyone)
        assert abs(primary["reforms"]["cap"]["rank_base"] - place) <= 1
    with pytest.raises(KeyError):
        region_page(views, "02")


def test_without_a_stored_matrix_the_view_says_how_to_make_one(tmp_path) -> None:
    assert latest_matrix(tmp_path) is None
    view = matrix_view(None)
    assert view["is_there"] is False
    assert view["command"].endswith("run_sim.py matrix")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (float("nan"), None),
        (np.float64("inf"), None),
        (np.int64(3), 3),
        (1 / 3, 0.333333),
        (None, None),
        ("x", "x"),
    ],
)
def test_a_number_that_is_not_finite_is_shown_as_nothing(value, shown) -> None:
    assert plain(value) == shown
