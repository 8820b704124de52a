from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest

from sim.policies import registry
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.loader import load_scenario
from sim.scenario.schema import Scenario


class _Page(Lever):
    description: ClassVar[dict[str, str]] = {"sv": "En prövning.", "en": "A trial."}
    source = "test"
    instrument = Instrument.LAW
    level = Level.REGION
    areas = ("orphan_drugs", "mental_health")
    status = Status.COUNTERFACTUAL
    status_date = "2025"
    changes = "tells a number"
    watch = "nothing"
    who_decides = "nobody"
    legal_change = "none; earliest 2026; nobody pays"
    targets = ("region", "state")

    def tell(self, handles: Any, dose: float, when: date, *, kind: str, area: str) -> None:
        handles.information[f"{self.id} {kind} {area}"] = dose


class TestMoney(_Page):
    __test__ = False
    id = "test_money"
    title: ClassVar[dict[str, str]] = {"sv": "Pengar", "en": "Money"}
    excludes = ("test_rival",)

    class Params(LeverParams):
        annual_budget_msek: float = lever_field(
            500.0, unit="MSEK", source="test", sv="Pengar", en="Money", ge=0, le=9000
        )
        shares: tuple[float, ...] = lever_field(
            (0.5, 0.5), unit="share", source="test", sv="Andelar", en="Shares"
        )


class TestRival(_Page):
    __test__ = False
    id = "test_rival"
    title: ClassVar[dict[str, str]] = {"sv": "Rival", "en": "Rival"}


@pytest.fixture(autouse=True)
def _test_levers() -> Iterator[None]:
    """Two levers that exist only in these tests."""
    before = dict(registry.levers())
    registry.register(TestMoney)
    registry.register(TestRival)
    yield
    registry.REGISTRY.clear()
    registry.REGISTRY.update(before)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a scenario file and give its path; ``schema: 1`` follows where the text does not say it."""

    def _write(text: str, name: str = "case.yaml", schema: bool = True) -> Path:
        if schema and "schema" not in text and not text.startswith("- "):
            text = f"{text}\nschema: 1\n"
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return _write


@pytest.fixture
def load(write: Callable[..., Path]) -> Callable[..., Scenario]:
    """Load a scenario from text."""
    return lambda text, *sets, **options: load_scenario(write(text), sets, **options)


@pytest.fixture
def refused(write: Callable[..., Path]) -> Callable[..., Problem]:
    """The one problem that a scenario text has."""

    def _refused(text: str, *sets: str, **options: Any) -> Problem:
        with pytest.raises(ScenarioError) as caught:
            load_scenario(write(text), sets, **options)
        assert len(caught.value.problems) == 1, str(caught.value)
        return caught.value.problems[0]

    return _refused
