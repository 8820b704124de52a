"""Needs, fees and unknown facts: arithmetic against published figures."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.people import People
from sim.care.assistive_devices import facts, fees, needs
from sim.care.assistive_devices.names import COGNITION, HEARING, MOBILITY, N_CATEGORIES
from sim.data import load_data
from sim.data.population import population_cells
from sim.scenario.parameters import resolve

DATA = load_data()
CELLS = population_cells(DATA)
P = resolve({}, 0)
HOLDERS = DATA.national["aid_holders"].value


def test_new_needs_times_their_duration_give_back_the_prevalence() -> None:
    prevalence, years = np.array([0.08, 0.3]), np.array([4.0, 5.0])
    assert needs.rates_from_prevalence(prevalence, years) * years == pytest.approx(prevalence)
    with pytest.raises(ValueError, match="last some time"):
        needs.rates_from_prevalence(prevalence, np.array([4.0, 0.0]))


def test_holders_of_mobility_and_cognition_aids_match_the_published_number_and_shape() -> None:
    need = needs.prevalence_of_need(P, CELLS, HOLDERS)[:, :, [MOBILITY, COGNITION]]
    holders = need * float(P["assistive_devices.share_of_need_met"]) * CELLS.sum(axis=0)[:, :, None]
    assert holders.sum() == pytest.approx(876_000)
    assert holders[13:].sum() / holders.sum() > 0.70
    assert holders[:, 0].sum() / holders.sum() == pytest.approx(0.60, abs=0.04)
    assert need.sum(axis=2).max() < 1.0


def test_the_need_switch_levels_every_category_to_the_national_rate() -> None:
    people = CELLS.sum(axis=(1, 2))
    for switch, spread in ((1.0, True), (0.0, False)):
        rates = needs.cell_rates(P, CELLS, HOLDERS, switch)
        local = np.einsum("mbs,mbsc->mc", CELLS.astype(float), rates) / people[:, None]
        relative = local / np.average(local, axis=0, weights=people)
        assert (relative.std(axis=0) > 0.001).all() if spread else np.allclose(relative, 1.0, atol=1e-12)


def test_movers_go_to_another_region_and_the_mean_rate_is_the_published_one() -> None:
    people = People(CELLS, DATA.municipalities.region, DATA.municipalities.relative_income, 0, 0.001)
    rate = needs.move_rates(P, people)
    bands = CELLS.sum(axis=(0, 2))
    assert rate @ bands / bands.sum() == pytest.approx(float(P["moves.between_regions_per_year"]))
    assert rate.argmax() == 5
    origin = np.repeat(np.arange(21), 50)
    town = needs.destinations(people, 1.0, origin, np.tile(np.linspace(0.01, 0.99, 50), 21))
    assert (DATA.municipalities.region[town] != origin).all()


def test_known_fees_are_kept_and_missing_ones_are_drawn_from_positive_ones() -> None:
    upfront, rent, known = fees.region_fees(DATA.aid_fees, P, 0, np.array([16, 18, *[np.nan] * 4]))
    assert upfront[15, HEARING] == 250.0  # Dalarna
    assert upfront[11, HEARING] == 0.0  # Västra Götaland, published as free
    assert rent[13].tolist() == [70.0] * N_CATEGORIES  # Örebro's subscription
    assert known[:, HEARING].sum() >= 14
    unknown = ~known[:, HEARING]
    others = [
        fees.region_fees(DATA.aid_fees, P, draw, np.array([16, 18, *[np.nan] * 4]))[0]
        for draw in range(1, 30)
    ]
    drawn = np.array([table[unknown, HEARING] for table in others])
    assert (drawn > 0).mean() > 0.5
    assert drawn.std() > 0


def test_only_dalarna_has_a_published_cap_and_the_others_are_drawn() -> None:
    caps = np.array([fees.region_caps(DATA.aid_fees, P, draw) for draw in range(40)])
    assert (caps[:, 15] == 1400.0).all()
    others = np.delete(caps, 15, axis=1)
    assert 0.1 < (others < 10_000).mean() < 0.6
    assert others.min() >= 1000.0


def test_a_cap_holds_for_fees_and_rent_together() -> None:
    from sim.agents.aids_desk import capped

    upfront, rent = capped(np.array([600.0, 3000.0, 0.0]), np.array([100.0, 0.0, 200.0]), 1400.0)
    assert (upfront + 12 * rent <= 1400.0 + 1e-9).all()
    assert upfront.tolist() == [200.0, 1400.0, 0.0]


def test_demand_falls_with_the_fee_and_more_at_low_income() -> None:
    response = fees.fee_response(np.array([0.0, 300.0, 1200.0]), 1000.0, fees.elasticities(P))
    assert response[0].tolist() == [1.0, 1.0, 1.0]
    assert (np.diff(response, axis=0) < 0).all()
    assert (np.diff(response[2]) > 0).all()
    arc = 2 * (response[2, 1] - 1) / (response[2, 1] + 1) / (2 * 1200.0 / 3200.0)
    assert arc == pytest.approx(float(P["assistive_devices.fee_elasticity"]))


def test_therapists_keep_the_four_known_regions_and_the_national_mean() -> None:
    density = facts.therapist_density(DATA, P, 3, 1.0)
    known = ~np.isnan(DATA.regions.occupational_therapists_per_100k)
    assert density[known].tolist() == [70.0, 70.0, 145.0, 145.0]
    assert np.average(density, weights=DATA.regions.population) == pytest.approx(93.0)
    assert np.ptp(facts.therapist_density(DATA, P, 3, 0.0)) == 0.0


def test_stockholm_owns_every_category_and_all_switches_off_gives_one_national_split() -> None:
    who = facts.draw_responsibility(DATA, P, 0, 1.0)
    assert not who.municipal[DATA.municipalities.region == 0].any()
    assert who.local[1, MOBILITY]  # Uppsala's municipalities set the fee for mobility aids
    level = facts.draw_responsibility(DATA, P, 0, 0.0)
    assert (level.local == level.local[0]).all()
    assert np.ptp(level.unclear, axis=0).max() == 0.0


def test_about_eighty_municipalities_have_a_rehabilitation_lead() -> None:
    assert facts.municipal_leads(DATA, P, 0, 1.0).sum() == 80
    assert np.ptp(facts.municipal_leads(DATA, P, 0, 0.0)) == 0.0
