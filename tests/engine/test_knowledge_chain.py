"""The chain of knowledge: product of links, ceiling, decay, and what it may not do."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents import knowledge_links as links
from sim.agents.handles import AREAS
from sim.agents.knowledge_items import Items, NationalProgramme
from sim.care.frame import SOURCES
from sim.data import load_data
from sim.model import CentralisationModel, Setting
from sim.policies.schedule import LeverSchedule
from sim.scenario.parameters import resolve
from tests.policies.knowledge_worlds import chain, latent, same, world

HALLAND = 10


def fresh(area: str, **overrides) -> CentralisationModel:
    """A model before its first month."""
    named = {name.replace("__", "."): value for name, value in overrides.items()}
    return CentralisationModel(
        1,
        Setting(
            parameters=resolve(named, 0), schedule=LeverSchedule(()), scale={area: 0.001}, data=load_data(),
            areas=(area,),
        ),
    )  # fmt: skip


def years(model: CentralisationModel, number: int, strain: float = 0.3) -> None:
    """Let only the chain live on."""
    k = chain(model)
    n = len(k.units)
    for _ in range(number):
        k.january(np.zeros(n), np.full(n, strain))
        model.calendar.month += 12


@pytest.mark.parametrize("area", AREAS)
def test_speed_is_the_product_of_the_five_links(area):
    model = fresh(area)
    years(model, 3)
    k, year = chain(model), model.calendar.year - 1
    open_chain = links.yearly_speed(3.5) * k.programme.ease(year)
    expected = open_chain * np.prod([k.chain[:, i] for i in range(5)], axis=0)
    assert np.allclose(k.speed, expected, rtol=1e-12)
    assert np.ptp(k.speed) > 0.0


def test_the_usual_chain_takes_the_published_time_and_an_open_one_the_time_of_one_implementation():
    p = resolve({}, 0)
    usual = links.yearly_speed(3.5) * links.usual_link(p) ** 5
    assert (1.0 - usual) ** 17.5 == pytest.approx(0.1)
    assert (1.0 - links.yearly_speed(3.5)) ** 3.5 == pytest.approx(0.1)


@pytest.mark.parametrize("link", links.LINKS)
@pytest.mark.parametrize("area", AREAS)
def test_cutting_any_link_stops_everything_and_what_is_applied_only_decays(area, link):
    model = fresh(area)
    years(model, 2)
    k = chain(model)
    model.parameters = resolve({f"knowledge.links_open_{link}": 0.0}, 0)
    before, year = k.applied.copy(), model.calendar.year
    years(model, 1)
    assert not k.speed.any()
    assert np.allclose(k.applied, np.minimum(before * (1.0 - k.programme.new_share(year)), k.ceiling))


@pytest.mark.parametrize("area", AREAS)
def test_no_unit_ever_applies_more_than_its_ceiling(area):
    model = fresh(area)
    k, staffing = chain(model), np.linspace(-1.0, 1.0, len(chain(model).units))
    at_it = 0
    for strain in (0.0, 0.0, 0.0, 6.0, 0.0, 8.0):
        k.january(staffing, np.full(len(staffing), strain))
        model.calendar.month += 12
        assert (k.applied <= k.ceiling).all()
        assert (k.ceiling < 1.0).all()
        at_it += int((k.applied == k.ceiling).sum())
    assert at_it > 0


def test_what_is_applied_decays_as_new_knowledge_arrives():
    slow, fast = (fresh("assistive_devices", knowledge__new_items_per_year=n) for n in (1.0, 6.0))
    for model in (slow, fast):
        years(model, 5)
    assert chain(fast).programme.guided_share(2014) < chain(slow).programme.guided_share(2014)
    assert chain(fast).applied.mean() < chain(slow).applied.mean()


@pytest.mark.parametrize("area", AREAS)
def test_without_differences_every_unit_is_the_usual_unit(area):
    off = {f"heterogeneity__{area}__{source}": 0.0 for source in SOURCES}
    model = fresh(area, **off)
    years(model, 6, strain=model.parameters[f"knowledge.usual_strain_{area}"])
    k = chain(model)
    assert np.ptp(k.applied) == 0.0
    assert k.applied[0] == pytest.approx(k.usual, rel=1e-12)
    assert np.abs(k.beyond_usual(1.0)).max() < 1e-12


@pytest.mark.parametrize(
    ("source", "link"),
    [("region_rules", links.REGION), ("provider", links.PROVIDER), ("professional", links.PROFESSIONAL)],
)
def test_each_link_differs_behind_the_switch_of_its_level(source, link):
    area = "mental_health"
    off = {f"heterogeneity__{area}__{name}": 0.0 for name in SOURCES if name != source}
    model = fresh(area, **off)
    years(model, 1)
    spread = np.ptp(chain(model).chain, axis=0)
    assert spread[link] > 0.0
    others = {links.NATIONAL, links.PROVIDER, links.PROFESSIONAL, links.REGION} - {link}
    assert not spread[list(others)].any()


def test_halland_hears_through_two_healthcare_regions_by_population():
    model = fresh("mental_health")
    years(model, 1)
    k = chain(model)
    assert model.regions[HALLAND].name == "Region Halland"
    shares = k.own.shares[HALLAND]
    assert (shares > 0.0).sum() == 2
    assert shares.sum() == pytest.approx(1.0)
    mine = k.chain[k.region == HALLAND, links.HEALTHCARE_REGION]
    assert mine == pytest.approx(float(shares @ k.own.healthcare_region))


def test_the_programme_writes_about_the_best_proven_first_and_no_more_than_it_can():
    p = resolve({}, 0)
    programme = NationalProgramme(Items.draw(0, "mental_health", 3.0), p)
    items = programme.items
    waiting = (items.year <= 2010) & (items.year > 2010 - 20) & (items.evidence >= 0.1)
    chosen = programme.plan(2010, 2.5)
    assert len(chosen) == 2
    assert items.evidence[chosen].min() >= np.delete(items.evidence, chosen)[np.delete(waiting, chosen)].max()
    assert len(programme.plan(2011, 2.5)) == 3
    assert not len(programme.plan(2012, 0.0))


@pytest.mark.parametrize("area", AREAS)
def test_guidance_that_does_nothing_leaves_practice_alone_whatever_the_links(area):
    none = {f"knowledge__effect_{area}": 0.0, "until": 2015}
    cut = {"knowledge__region_link_sd": 0.0, "knowledge__leadership_sd": 0.0}
    assert same(world(area, **none), world(area, **none, **cut))


@pytest.mark.parametrize("area", AREAS)
def test_regions_differ_more_where_guidance_matters_more(area):
    weak, strong = (world(area, until=2015, **{f"knowledge__effect_{area}": e}) for e in (0.0, 0.6))
    assert not np.array_equal(latent(weak), latent(strong))
    k = chain(strong)
    ahead = int(np.argmax(k.shown[-1]))
    # More offers lengthen queues for treatment, which leave less time everywhere: ahead is read against the others.
    change = np.subtract(*(_what_guidance_moves(m, area) for m in (strong, weak)))
    assert change[ahead] > change.mean()


def _what_guidance_moves(model, area):
    """By region; where staff is short more offers by professionals need not be more starts, nor more offers in all."""
    own = model.areas[area]
    if area != "mental_health":
        return next(r for r in reversed(model.records) if r.area == area).latent[own.primary.id]
    listed = own.accounts.listed
    return own.accounts.by_region(own.offer_mean.mean(axis=1) * listed) / own.accounts.by_region(listed)


@pytest.mark.parametrize("area", AREAS)
def test_a_snapshot_keeps_the_chain(area):
    model = world(area, until=2014)
    again = CentralisationModel.restore(model.snapshot(), model.setting)
    for one in (model, again):
        one.run_until(2015)
    assert np.array_equal(chain(model).applied, chain(again).applied)
    assert same(model, again)
