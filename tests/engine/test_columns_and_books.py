"""Agents in columns answer Mesa's verbs; the books always balance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.books import PAYERS, Books
from sim.agents.columns import ColumnAgents


@pytest.fixture
def patients():
    return ColumnAgents(
        {"id": np.array([7, 3, 9]), "region": np.array([0, 2, 2]), "wait": np.array([1.0, 2.0, 4.0])}
    )


def test_columns_answer_the_verbs_of_an_agent_set(patients):
    assert len(patients) == 3
    assert patients.select(patients.wait > 1.5).id.tolist() == [3, 9]
    assert patients.select(lambda p: p.region == 0).id.tolist() == [7]
    assert patients.agg("wait", np.mean) == pytest.approx(7 / 3)
    assert patients.groupby("region", 4).count().tolist() == [1, 0, 2, 0]
    assert patients.groupby("region", 4).agg("wait", "sum").tolist() == [1, 0, 6, 0]
    assert patients.do(lambda p, k: p.wait * k, 2).tolist() == [2, 4, 8]


def test_a_row_view_reads_and_writes_one_agent(patients):
    one = patients[-1]
    one.wait = 5.0
    assert patients.wait[2] == 5.0
    assert one.as_dict() == {"id": 9, "region": 2, "wait": 5.0}
    with pytest.raises(AttributeError, match="no column 'age'"):
        _ = one.age
    with pytest.raises(IndexError):
        _ = patients[3]


def test_rows_come_and_go_but_identities_stay(patients):
    patients.append({"id": np.array([11]), "region": np.array([1]), "wait": np.array([0.0])})
    patients.keep(patients.wait < 3)
    assert patients.id.tolist() == [7, 3, 11]
    with pytest.raises(ValueError, match="columns must be"):
        patients.append({"id": np.array([1])})
    with pytest.raises(ValueError, match="differ in length"):
        ColumnAgents({"a": np.zeros(2), "b": np.zeros(3)})


payments = st.lists(
    st.tuples(
        st.sampled_from(PAYERS), st.sampled_from([*PAYERS, "care"]), st.integers(0, 20), st.floats(0, 1e9)
    ),
    max_size=30,
)


@given(payments)
def test_what_all_payers_bear_is_what_care_receives(entries):
    books = Books()
    for payer, receiver, region, amount in entries:
        row = np.zeros(21)
        row[region] = amount
        books.pay(payer, receiver, "test", row)
    borne = sum(books.net_cost(payer) for payer in PAYERS)
    assert np.allclose(borne, books.spent_on_care(), rtol=1e-12, atol=1e-3)


@pytest.mark.parametrize("amount", [np.full(21, -1.0), np.full(20, 1.0), np.full(21, np.nan)])
def test_a_payment_that_is_negative_misshaped_or_unknown_is_refused(amount):
    with pytest.raises(ValueError, match="21 non-negative"):
        Books().pay("state", "region", "grant", amount)


def test_an_unknown_payer_is_refused():
    with pytest.raises(ValueError, match="unknown payer"):
        Books().pay("king", "care", "grant", np.zeros(21))
