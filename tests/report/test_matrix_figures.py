"""The heat maps of the matrix."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from sim.report.matrix_figures import (
    GREY_CELL,
    WORDS,
    instruments_figure,
    levers_figure,
    write_matrix_figures,
)

NAN = float("nan")
YEARS = (2036, 2040)


def row(part, lever, area, condition="default", effect=-0.5, told=True, **more):
    values = {"part": part, "lever": lever, "area": area, "condition": condition, "change": "added",
              "base_spread": 4.0, "n_draws": 16, "n_seeds": 2, "time_to_effect": "2029",
              "cost_wanted": 50.0 if condition == "equal_cost" else NAN}  # fmt: skip
    for measure in ("spread", "mean", "worst", "cost"):
        values |= {
            measure: effect, f"{measure}_low": effect - 0.25, f"{measure}_high": effect + 0.25,
            f"{measure}_stands_out": told,
        }  # fmt: skip
    return {**values, **more}


def table(*rows):
    return pd.DataFrame(rows)


def words_of(fig):
    return " | ".join(t.get_text() for t in [*fig.texts, *(t for ax in fig.axes for t in ax.texts)])


def boxes(fig):
    return [patch for ax in fig.axes for patch in ax.patches]


def test_a_cell_shows_its_number_and_interval_in_the_language():
    summary = table(row("A", "feedback", "mental_health"))
    assert "−0.50" in words_of(instruments_figure(summary, "spread", YEARS))
    swedish = words_of(instruments_figure(summary, "spread", YEARS, lang="sv"))
    assert "−0,50" in swedish
    assert "−0,75 till −0,25" in swedish
    assert "16 dragningar" in swedish


def test_what_cannot_be_told_from_zero_is_grey_and_hatched():
    summary = table(
        row("A", "feedback", "mental_health"), row("A", "feedback", "orphan_drugs", told=False)
    )  # fmt: skip
    unsure, sure = boxes(instruments_figure(summary, "spread", YEARS))
    assert (to_hex(unsure.get_facecolor()), unsure.get_hatch()) == (GREY_CELL, "////")
    assert to_hex(sure.get_facecolor()) != GREY_CELL
    assert sure.get_hatch() is None


def test_a_smaller_difference_is_blue_and_a_smaller_mean_orange():
    summary = table(row("A", "feedback", "mental_health"))
    (spread,) = boxes(instruments_figure(summary, "spread", YEARS))
    (mean,) = boxes(instruments_figure(summary, "mean", YEARS))
    assert spread.get_facecolor()[2] > spread.get_facecolor()[0]
    assert mean.get_facecolor()[0] > mean.get_facecolor()[2]


def test_what_is_not_attainable_says_so_instead_of_a_number():
    summary = table(row("A", "feedback", "mental_health", "equal_cost", NAN, told=False))
    figure = instruments_figure(summary, "spread", YEARS)
    assert "not attainable" in words_of(figure)
    assert boxes(figure) == []


def test_equal_cost_names_the_sum():
    summary = table(row("A", "feedback", "mental_health", "equal_cost"))
    (panel,) = instruments_figure(summary, "spread", YEARS, lang="sv").axes
    titles = {panel.get_title(loc=place) for place in ("left", "center", "right")}
    assert "Lika kostnad, 50 mnkr per år" in titles


def test_levers_stand_in_the_order_of_what_they_do_with_ended_ones_named():
    summary = table(
        row("B", "aids_fee_cap", "assistive_devices", effect=0.4),
        row("B", "consumables_price", "assistive_devices", effect=-0.9, change="ended"),
        row("B", "aids_portability", "assistive_devices", effect=-2.0, told=False),
    )
    figure = levers_figure(summary, "assistive_devices", YEARS)
    names = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert names == [
        "Nationally priced consumables (ended)",
        "Yearly cap on device fees",
        "Keep the device when moving",
    ]


def test_a_table_without_the_part_is_refused():
    summary = table(row("A", "feedback", "mental_health"))
    with pytest.raises(ValueError, match="no part B"):
        levers_figure(summary, "mental_health", YEARS)
    with pytest.raises(ValueError, match="no part A"):
        instruments_figure(table(row("B", "feedback", "mental_health")), "spread", YEARS)


def test_all_figures_are_written_in_both_languages(tmp_path):
    summary = table(row("A", "feedback", "mental_health"), row("B", "aids_fee_cap", "assistive_devices"))
    years = pd.DataFrame({"measure": ["spread"], "first_year": [2036], "last_year": [2040]})
    names = {path.name for path in write_matrix_figures(tmp_path, {"summary": summary, "matrix": years})}
    assert {
        "instruments_spread_sv.png",
        "instruments_worst_en.svg",
        "levers_assistive_devices_sv.png",
    } <= names
    assert len(names) == 2 * 2 * 4


def test_every_word_exists_in_both_languages():
    assert all(set(words) == {"sv", "en"} and all(words.values()) for words in WORDS.values())
