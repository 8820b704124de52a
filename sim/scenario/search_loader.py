"""What a search file is: a sweep file's base, subsets and levels of levers, with a ceiling and a budget.

A search file is checked by the same rules as a sweep file, so its messages are the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from sim.scenario.errors import Problem
from sim.scenario.layers import problems_of
from sim.scenario.schema import NAME_PATTERN, FilePart, HorizonFile, ScaleFile, TitleFile
from sim.scenario.sweep_loader import SweepError, check_sweep, read_sweep_tree
from sim.scenario.sweep_schema import DrawField, FactorFile, SubsetsFile, Sweep

KIND = "search"
_OWN = ("area", "cost_ceiling_msek", "budget_pairs", "first_pairs", "most_pairs", "negligible_pp")


class SearchFile(FilePart):
    """One search file."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this format")
    kind: Literal["search"] = Field(description="Tells a search from a sweep")
    name: str = Field(pattern=NAME_PATTERN, description="Name in results")
    title: TitleFile | None = None
    rationale: str | None = Field(None, max_length=5000, description="What the search shall answer")
    base: str = Field(min_length=1, description="Scenario that bundles are compared with")
    subsets: SubsetsFile
    vary: dict[str, FactorFile | None] | None = Field(
        None, description="Fields of levers, with the values to try"
    )
    area: Literal["orphan_drugs", "mental_health", "assistive_devices"] = Field(description="Care area")
    cost_ceiling_msek: float = Field(gt=0, description="Highest cost a year, all payers")
    budget_pairs: int = Field(ge=4, le=1_000_000, description="Pairs of runs at most")
    first_pairs: int = Field(2, ge=2, le=100, description="Pairs at a bundle's first evaluation")
    most_pairs: int = Field(20, ge=2, le=10_000, description="Pairs of a bundle at most")
    negligible_pp: float = Field(0.05, gt=0, description="Differences too small to matter, percentage points")
    horizon: HorizonFile | None = None
    scale: ScaleFile | None = None
    draw: DrawField | None = Field(None, description="Draw of what is unknown")


@dataclass(frozen=True)
class Search:
    """A checked search.

    Attributes:
        sweep: Base, bundles and strengths as a sweep.
        area: Care area whose primary outcome is looked at.
        ceiling_msek: Highest cost a year.
        budget: Pairs of runs at most.
        first: Pairs at a bundle's first evaluation.
        most: Pairs of a bundle at most.
        negligible: Percentage points too small to matter.
    """

    sweep: Sweep
    area: str
    ceiling_msek: float
    budget: int
    first: int
    most: int
    negligible: float


def load_search(path: Path) -> Search:
    """Read and check a search file.

    Raises:
        SweepError: What is wrong with it.
        ScenarioError: A scenario that it names cannot be used.
    """
    tree = read_sweep_tree(path)
    if not isinstance(tree.data, dict) or tree.data.get("kind") != KIND:
        message = "this is not a search file"
        raise SweepError(
            Problem(message, tree.name, tree.line(("kind",)) or 1, "kind", allowed=f"kind: {KIND}")
        )
    try:
        file = SearchFile.model_validate(tree.data)
    except ValidationError as error:
        raise SweepError(problems_of(error, tree, SearchFile, ())) from None
    problems = [
        Problem(
            "a search varies fields of levers, over values that are listed", tree.name, tree.line(("vary", name)),
            f"vary.{name}", allowed="levers.<lever>.<field>: {values: [...]}",
        )
        for name, spec in (file.vary or {}).items()
        if not name.startswith("levers.") or spec is None or not spec.values
    ]  # fmt: skip
    if problems:
        raise SweepError(problems)
    data: dict[str, Any] = {key: value for key, value in tree.data.items() if key not in _OWN}
    levels = max((len(spec.values or ()) for spec in (file.vary or {}).values() if spec), default=0)
    data |= {
        "kind": "sweep", "areas": [file.area], "outcomes": [file.area], "pairs": file.most_pairs,
        "design": {"kind": "factorial", "levels": max(2, levels)} if file.vary else {"kind": "central"},
    }  # fmt: skip
    sweep = check_sweep(replace(tree, data=data), path.resolve(), path.read_text("utf-8-sig"))
    return Search(
        sweep, file.area, file.cost_ceiling_msek, file.budget_pairs, file.first_pairs,
        max(file.most_pairs, file.first_pairs), file.negligible_pp,
    )  # fmt: skip
