"""What a scenario must know of levers: which ids exist and which fields they take.

The only place where the scenario package asks the policies package, which otherwise stands to its right: a
file cannot be checked without the names and types of its levers. The import waits until a file is read, and
nothing else is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

    from sim.scenario.errors import Problem


def unusable_lever(lever_id: str, file: str, line: int | None, key: str) -> Problem | None:
    """Why a lever cannot be used (unknown, or not yet available); None when it can."""
    from sim.policies.registry import lever_problem  # noqa: PLC0415 - see the module's docstring

    return lever_problem(lever_id, file, line, key)


def lever_fields(lever_id: str) -> type[BaseModel]:
    """Model of an available lever's own parameters."""
    from sim.policies.registry import get_lever  # noqa: PLC0415

    return get_lever(lever_id).Params


def lever_exclusions(lever_id: str) -> tuple[str, ...]:
    """Levers that cannot be in force together with this one."""
    from sim.policies.registry import get_lever  # noqa: PLC0415

    return get_lever(lever_id).excludes


def is_national(lever_id: str) -> bool:
    """Whether a lever tells only national agents, so that it cannot be limited to some regions."""
    from sim.policies.registry import get_lever  # noqa: PLC0415
    from sim.policies.schedule import NATIONAL_KINDS  # noqa: PLC0415

    return set(get_lever(lever_id).targets) <= set(NATIONAL_KINDS)


def available_levers() -> dict[str, type[BaseModel]]:
    """Models of the parameters of all levers that work, by id."""
    from sim.policies.registry import levers  # noqa: PLC0415

    return {lever_id: lever.Params for lever_id, lever in levers().items()}


def words_of_schema(schema: dict[str, Any]) -> str:
    """What a JSON Schema allows, in words."""
    from sim.policies.lever import allowed_values  # noqa: PLC0415

    if "anyOf" in schema:
        options = [option for option in schema["anyOf"] if option.get("type") != "null"]
        return " or ".join(allowed_values(option) for option in options)
    return allowed_values(schema)
