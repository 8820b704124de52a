"""What a scenario must know of levers: which ids exist and which fields they take.

The only place where the scenario package asks the policies package, which otherwise stands to its right: a
file cannot be checked without the names and types of its levers. The import waits until a file is read, and
nothing else is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.scenario.errors import Problem
from sim.scenario.schema import USE_MARK, USE_NAME_PATTERN, LeverUse

if TYPE_CHECKING:
    from pydantic import BaseModel


def lever_id_of(key: str) -> str:
    """The lever that an entry is about: ``state_drug_grant`` for ``state_drug_grant@from_2027``."""
    return key.partition(USE_MARK)[0]


def unusable_lever(entry: str, file: str, line: int | None, key: str) -> Problem | None:
    """Why an entry cannot be used (lever unknown or not yet available, name not usable); None when it can."""
    from sim.policies.registry import lever_problem  # noqa: PLC0415 - see the module's docstring

    lever_id, mark, name = entry.partition(USE_MARK)
    problem = lever_problem(lever_id, file, line, key)
    if problem is None and mark and not re.fullmatch(USE_NAME_PATTERN, name):
        allowed = f"{lever_id}{USE_MARK}name, with letters, digits, - and _, at most 32 characters"
        return Problem(
            "a second use of a lever needs a usable name", file, line, key, entry, allowed,
            f"{lever_id}{USE_MARK}second",
        )  # fmt: skip
    return problem


def lever_fields(entry: str) -> type[BaseModel]:
    """Model of an available lever's own parameters."""
    from sim.policies.registry import get_lever  # noqa: PLC0415

    return get_lever(lever_id_of(entry)).Params


def lever_exclusions(lever_id: str) -> tuple[str, ...]:
    """Levers that cannot be in force together with this one."""
    from sim.policies.registry import get_lever  # noqa: PLC0415

    return get_lever(lever_id).excludes


def contradiction(lever_id: str, params: Any) -> tuple[str, str, str] | None:
    """What in a lever's own parameters cannot go together: field, message, what is allowed."""
    from sim.policies.registry import get_lever  # noqa: PLC0415

    return get_lever(lever_id).contradiction(params)


def contradicting_uses(uses: Sequence[LeverUse]) -> list[tuple[LeverUse, LeverUse, str]]:
    """Pairs of uses that tell the same agent different things at the same time, and what about."""
    from sim.policies.conflicts import contradicting_uses as found  # noqa: PLC0415

    return found(uses)


def changed_uses(uses: Sequence[LeverUse]) -> list[tuple[LeverUse, LeverUse]]:
    """Pairs of an earlier use of a lever and a later one that changes it while it is in force."""
    from sim.policies.conflicts import changed_uses as found  # noqa: PLC0415

    return found(uses)


def tells_the_state(lever_id: str) -> bool:
    """Whether a lever tells some national agent, beside those of regions."""
    from sim.agents.handles import NATIONAL_KINDS  # noqa: PLC0415
    from sim.policies.registry import get_lever  # noqa: PLC0415

    return bool(set(get_lever(lever_id).targets) & set(NATIONAL_KINDS))


def is_national(entry: str) -> bool:
    """Whether a lever tells only national agents, so that it cannot be limited to some regions."""
    from sim.agents.handles import NATIONAL_KINDS  # noqa: PLC0415
    from sim.policies.registry import get_lever  # noqa: PLC0415

    return set(get_lever(lever_id_of(entry)).targets) <= set(NATIONAL_KINDS)


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
