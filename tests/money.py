"""Two ledgers of the same money: what was paid, against what was billed, used, stated and received.

The books alone cannot tell that money is missing: whatever is entered has a payer and a receiver. So a witness follows
a model and keeps, year by year, what others know of the same payments: the bills as they were sent in, before the
state steps in for anybody; what the accounts of each care area say was used, and at what price; and what the agents
were told that they would be given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from sim.agents.books import SALARIES, Books
from sim.agents.primary_care_desk import amount_of_year, yearly_msek
from sim.agents.state_money import divided
from sim.care.assistive_devices.names import DELIVERED, DELIVERED_CASE
from sim.care.assistive_devices.rules_in_force import desk_of
from sim.care.mental_health.rules import DRUG_ONLY
from sim.care.orphan_drugs.kernel import COST_BY_WAY, TREATED_BY_WAY
from sim.care.orphan_drugs.rules import BENEFIT, CLINIC, EXEMPTION, REFERRAL
from sim.model import CentralisationModel
from sim.typing import FloatArray

#: Payer, receiver, purpose → SEK by region.
Flows = dict[tuple[str, str, str], FloatArray]
#: One krona in tens of billions is rounding.
_CLOSE = {"rtol": 1e-9, "atol": 1.0}


class BilledBooks(Books):
    """Books that also keep the bills of the year as they were sent in, before anybody pays for anybody else."""

    def __init__(self, books: Books) -> None:
        assert not books.flows, "a witness must be there from the first payment of a year"
        super().__init__({}, books.carried, books.employed)
        self.bills: Flows = {}

    def pay(self, payer: str, receiver: str, purpose: str, amount: FloatArray) -> None:
        super().pay(payer, receiver, purpose, amount)
        key = (payer, receiver, purpose)
        self.bills[key] = self.bills.get(key, np.zeros(21)) + amount

    def close(self) -> Flows:
        self.bills = {}  # whoever looked in December keeps the year's
        return super().close()


@dataclass(frozen=True)
class Claim:
    """What bills for some purposes must come to.

    Attributes:
        who: Whose figure it is.
        keys: The bills, as payer, receiver and purpose.
        most: SEK by region, or for the whole country.
        least: The same; None = exactly ``most``.
    """

    who: str
    keys: tuple[tuple[str, str, str], ...]
    most: FloatArray | float
    least: float | None = None


@dataclass(frozen=True)
class Year:
    """A year of an area as the witness saw it in December.

    Attributes:
        area: Care area.
        year: Calendar year.
        bills: Bills sent in.
        carried: Payer → share of its part that the state pays, by region.
        employed: Share of regions' staff whom the state employs, by region.
        claims: What bills must come to by the area's accounts, and by what agents were told.
        functions: What the state was told that its functions cost in all, SEK.
        region_net: What regions were to pay in all, by their own running account; None where there is none.
    """

    area: str
    year: int
    bills: Flows
    carried: dict[str, FloatArray]
    employed: FloatArray
    claims: tuple[Claim, ...]
    functions: float
    region_net: FloatArray | None


class Witness:
    """Follows a model from a January on; an observer of it."""

    def __init__(self) -> None:
        self.years: list[Year] = []

    def __call__(self, model: CentralisationModel) -> None:
        if not model.calendar.is_december:
            return
        for name, area in model.areas.items():
            books = area.books
            employed = np.zeros(21) if books.employed is None else books.employed
            stated = [f.terms.get("annual_msek", 0.0) for f in model.state.handles[name].functions.values()]
            # The drug ledger counts what the region pays without what visitors pay it.
            net = None
            if name == "orphan_drugs":
                net = area.ledger.last_year_net - books.bills["patient", "region", "visit fees"]
            seen = (dict(books.carried), employed, tuple(CLAIMS[name](model, area)), 1e6 * sum(stated), net)
            self.years.append(Year(name, model.calendar.year, books.bills, *seen))


def watched(model: CentralisationModel) -> CentralisationModel:
    """The model with a witness to its money from here on; its books must be empty, as in any January."""
    for area in model.areas.values():
        area.books = BilledBooks(area.books)
    model.observers.append(Witness())
    return model


def check_money(model: CentralisationModel) -> None:
    """Whether all that the witness of a model saw agrees with what the model's records say was paid."""
    (witness,) = [observer for observer in model.observers if isinstance(observer, Witness)]
    paid = {(record.area, record.year): record.flows for record in model.records}
    assert witness.years
    for year in witness.years:
        flows = paid[year.area, year.year]
        check_paid_is_billed(flows, year)
        check_bills_are_claimed(year)


def reached_care(flows: Flows) -> dict[str, FloatArray]:
    """Purpose → SEK by region that reached staff and suppliers, whoever paid."""
    found: dict[str, FloatArray] = {}
    for (_, receiver, purpose), amount in flows.items():
        if receiver == "care":
            found[purpose] = found.get(purpose, 0.0) + amount
    return found


def down_by(flows: Flows, payer: str) -> FloatArray:
    """What a payer has paid less what it has received, by region."""
    paid, received = np.zeros(21), np.zeros(21)
    for (source, target, _), amount in flows.items():
        paid += amount * (source == payer)
        received += amount * (target == payer)
    return paid - received


def check_paid_is_billed(flows: Flows, year: Year) -> None:
    """Whoever pays in the end, care gets what it billed, and each payer bears its bills less what the state carries.

    A payment between two parts of the same purse is not entered; then neither part may be up or down by it.
    """
    for (payer, receiver, purpose), amount in flows.items():
        assert np.isfinite(amount).all(), purpose
        assert (amount >= 0.0).all(), purpose
        assert payer != receiver, purpose
    got, billed = reached_care(flows), reached_care(year.bills)
    assert got.keys() == billed.keys()
    for purpose, amount in billed.items():
        np.testing.assert_allclose(got[purpose], amount, err_msg=f"care's {purpose}", **_CLOSE)
    for payer in ("region", "municipality", "patient"):
        own = (1.0 - year.carried.get(payer, 0.0)) * down_by(year.bills, payer)
        np.testing.assert_allclose(down_by(flows, payer), own, err_msg=payer, **_CLOSE)
    for purpose in SALARIES:
        if ("region", "care", purpose) in year.bills:
            left = (1.0 - year.carried.get("region", 0.0)) * (1.0 - year.employed)
            salaries = left * year.bills["region", "care", purpose]
            own = flows.get(("region", "care", purpose), 0.0)
            np.testing.assert_allclose(own, salaries, err_msg=f"own {purpose}", **_CLOSE)


def check_bills_are_claimed(year: Year) -> None:
    """Bills come to what accounts say was used and agents say they were given, and nobody else sends any."""
    for claim in year.claims:
        billed = np.sum([year.bills.get(key, np.zeros(21)) for key in claim.keys], axis=0)
        what = f"{year.area} {year.year}: {claim.who} ({', '.join(sorted({key[2] for key in claim.keys}))})"
        if claim.least is None and isinstance(claim.most, np.ndarray):
            np.testing.assert_allclose(billed, claim.most, err_msg=what, **_CLOSE)
        elif claim.least is None:
            assert billed.sum() == pytest.approx(claim.most, rel=1e-9, abs=1.0), what
        else:
            assert claim.least * (1.0 - 1e-9) - 1.0 <= billed.sum() <= claim.most * (1.0 + 1e-9) + 1.0, what
    known = {key for claim in year.claims for key in claim.keys}
    # Each function that the state is told to keep is paid for once.
    own = {key for key in year.bills if key[:2] == ("state", "care") and key not in known}
    spent = sum(float(year.bills[key].sum()) for key in own)
    assert spent == pytest.approx(year.functions, rel=1e-9, abs=1.0), f"{year.area}: {sorted(own)}"
    known |= own
    assert {key for key, amount in year.bills.items() if amount.any()} <= known
    if year.region_net is not None:
        np.testing.assert_allclose(
            down_by(year.bills, "region"), year.region_net, err_msg="the regions' own account", **_CLOSE
        )


# -- what each area's accounts say -------------------------------------------------------------------------------------


HELPLINE = ("state", "care", "national helpline")


def _mental_health(model: CentralisationModel, area: Any) -> Iterable[Claim]:
    """Staff and fees as in the results, months on drugs only, calls, and grants as stated."""
    observed, weight = area.observed_so_far(), model.people[area.name].weight
    salaries = observed["staff_cost_per_inhabitant"][0]
    yield Claim("staff in the results", (("region", "care", "psychosocial staff"),), salaries)
    fees = observed["own_cost_sek"][0]
    yield Claim("own cost in the results", (("patient", "region", "visit fees"),), fees)
    months = area.counts.stays[:, :, DRUG_ONLY].sum(axis=1) * weight
    drugs = months * float(model.parameters["mental_health.drug_cost_month_sek"])
    yield Claim("months on drugs only", (("region", "care", "drugs"),), drugs)
    line = model.state.handles[area.name].functions.get("helpline")
    calls = 0.0 if line is None else line.capacity_per_year
    yield Claim("calls", (HELPLINE,), calls * float(model.parameters["mental_health.call_cost_sek"]))
    follow_up = model.state.follow_up
    stated = [grant for grant in model.state.handles[area.name].money if grant.purpose == "staff"]
    told = sum(
        yearly_msek(grant, region.population)
        for region in model.regions
        for grant in region.handles[area.name].money
        if grant.purpose == "staff"
    )
    whole = [amount_of_year(grant, model.calendar.year) for grant in stated]
    certain = [
        amount
        for grant, amount in zip(stated, whole, strict=True)
        if follow_up.share_paid(area.name, grant) is None
    ]
    yield Claim(
        "stated grants",
        (("state", "region", "grants for mental health"),),
        1e6 * (sum(whole) + told),
        1e6 * (sum(certain) + told),
    )


def _assistive_devices(model: CentralisationModel, area: Any) -> Iterable[Claim]:
    """Deliveries, hours and user months at their prices, by who owns the unit; grants as received by the desks."""
    par = {name: model.parameters[f"assistive_devices.{name}"] for name in _AIDS_PRICES}
    books, weight, municipal = area.books_of_year, area.weight, area.unit_is_municipal
    keepers = [desk_of(area, unit) for unit in range(len(area.units))]

    def by_region(owner: str, values: FloatArray) -> FloatArray:
        mine = municipal if owner == "municipality" else ~municipal
        return np.bincount(area.unit_region[mine], weights=values[mine], minlength=21)

    events = weight * books.events
    plain, cases = events[..., DELIVERED] - events[..., DELIVERED_CASE], events[..., DELIVERED_CASE]
    factor = np.array([desk.price_factor for desk in keepers])
    devices = (plain + float(par["case_cost_factor"]) * cases) * np.asarray(par["device_cost"]) * factor
    lost = events[..., DELIVERED] * np.array([desk.upfront_lost for desk in keepers])
    lost += weight * books.user_months * np.array([desk.rent_lost for desk in keepers])
    replaced = np.array([desk.replaced for desk in keepers])[:, None] * np.maximum(lost, 0.0)
    hours = 12.0 * area.accounts.hours * float(par["hourly_cost"])
    towns = np.zeros(21)
    for town in model.municipalities:
        towns[town.region.index] += town.desks[area.name].granted
    granted = {"region": np.array([r.desks[area.name].granted for r in model.regions]), "municipality": towns}
    for owner in ("region", "municipality"):
        yield Claim("deliveries", ((owner, "care", "devices"),), by_region(owner, devices.sum(axis=1)))
        yield Claim("hours", ((owner, "care", "prescribers"),), by_region(owner, hours))
        yield Claim("fees given up", (("state", owner, "lost fees"),), by_region(owner, replaced.sum(axis=1)))
        yield Claim("desks", (("state", owner, "grants for devices"),), granted[owner])
    observed = area.observed_so_far()
    fees = tuple(("patient", owner, "fees") for owner in granted)
    yield Claim("fees in the results", fees, observed["own_cost_per_user"][0] * weight)
    need, population = area.expected_need_by_region(), _population(model)
    stated = sum(
        (
            divided(1e6 * grant.annual_msek, grant.rule, population, need)
            for grant in model.state.handles[area.name].money
            if grant.purpose == "aids"
        ),
        np.zeros(21),
    )
    yield Claim("stated grants", tuple(("state", owner, "grants for devices") for owner in granted), stated)
    full = area.consumables_users * float(par["consumables_yearly_cost"])
    own = np.minimum(observed["consumables_own_cost"][0], full)
    yield Claim("own cost of consumables", (("patient", "care", "consumables"),), own)
    both = tuple((payer, "care", "consumables") for payer in ("patient", "region"))
    yield Claim("users of consumables", both, full)
    # What regions pay the state for devices that moved, the state pays regions.
    into, out = (area.books.bills.get(key, np.zeros(21)) for key in (_MOVED_IN, _MOVED_OUT))
    yield Claim("receivers of movers", (_MOVED_IN,), float(out.sum()))
    yield Claim("payers for movers", (_MOVED_OUT,), float(into.sum()))
    support = [
        1e6 * sum(g.annual_msek for g in town.handles[area.name].money if g.purpose == "knowledge")
        for town in model.municipalities
    ]
    told = len(set(support)) == 1
    yield Claim(
        "stated support", (("state", "municipality", "support for municipal knowledge"),),
        max(support), support[0] if told else 0.0,
    )  # fmt: skip


_AIDS_PRICES = ("device_cost", "case_cost_factor", "hourly_cost", "consumables_yearly_cost")
_MOVED_IN = ("region", "state", "devices of movers")
_MOVED_OUT = ("state", "region", "devices of movers")


def _orphan_drugs(model: CentralisationModel, area: Any) -> Iterable[Claim]:
    """Months of treatment by way at their prices; grants and the fund as stated, and what is left of the pot."""
    months, ledger = area.tally.get("months"), area.ledger
    cost, terms = months[:, COST_BY_WAY:], area.bodies.money_terms(model.calendar.year)
    clinics, exempted = (cost[:, way] * ledger.price_factor for way in (CLINIC, EXEMPTION))
    yield Claim("months on clinic drugs", (("region", "care", "clinic drugs"),), clinics)
    yield Claim("months by exemption", (("region", "care", "exemptions"),), exempted)
    # Who receives a patient may bear what the home region is spared: nothing is lost between them.
    both = tuple(("region", "care", purpose) for purpose in ("referrals", "referrals received"))
    yield Claim("months by referral", both, float(cost[:, REFERRAL].sum()))
    gross = cost[:, BENEFIT] * ledger.benefit_price_factor
    benefit = tuple((payer, "care", "benefit drugs") for payer in ("region", "patient"))
    yield Claim("months on benefit drugs, less rebates", benefit, *_after_rebates(area, gross, terms))
    treated = float(months[:, TREATED_BY_WAY + BENEFIT].sum())
    yield Claim("the cap on own cost", (benefit[1],), terms.cap / 12.0 * treated, 0.0)
    yield Claim(
        "the plan", (("state", "region", "drug grant"),), 12.0 * ledger.grant_month * (1.0 - terms.law)
    )
    money = model.state.handles[area.name].money
    stated = 1e6 * sum(grant.annual_msek for grant in money if grant.purpose == "orphan_care")
    earmarked = (("state", "region", "earmarked grant"),)
    yield Claim("stated grants", earmarked, stated)
    yield Claim("regions' account of grants", earmarked, ledger.last_year_earmarked)
    fund = (("state", "region", "orphan fund"),)
    stated = 1e6 * sum(grant.annual_msek for grant in money if grant.purpose == "orphan_drugs")
    yield Claim("the fund less what is left", fund, stated - ledger.pot_left)
    yield Claim("regions' account of the fund", fund, ledger.last_year_fund)
    # Signed sums of these stand in the regions' own account.
    others = {key for key in area.books.bills if key[2] in _IN_ACCOUNT}
    yield Claim("settlements", tuple(sorted(others)), float("inf"), 0.0)


_IN_ACCOUNT = (
    "rebates", "risk corridor", "benefit drugs by law", "settlement of responsibility", "visit fees",
)  # fmt: skip


def _after_rebates(area: Any, gross: FloatArray, terms: Any) -> tuple[float, float | None]:
    """What is left of the price of benefit drugs: exactly where the state's part shows the rebate, else at most."""
    states_part = (1.0 - terms.regional_share) * (1.0 - terms.law)
    whole = float(gross.sum())
    if states_part <= 0.0:
        return whole, 0.0
    rebates = area.books.bills["region", "state", "rebates"].sum() / states_part
    return whole - float(rebates), None


def _population(model: CentralisationModel) -> FloatArray:
    return np.array([region.population for region in model.regions], dtype=float)


CLAIMS: dict[str, Callable[[CentralisationModel, Any], Iterable[Claim]]] = {
    "orphan_drugs": _orphan_drugs,
    "mental_health": _mental_health,
    "assistive_devices": _assistive_devices,
}
