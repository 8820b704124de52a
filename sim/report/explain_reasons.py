"""Reasons and agents of the table of decisions, in Swedish beside the English that the table holds."""

from __future__ import annotations

import re
from functools import lru_cache

from sim.report.labels import Lang
from sim.scenario.regions import REGION_NAMES

_NUMBER = r"(-?\d+(?:\.\d+)?)"
#: English reason with ``#`` for each number → Swedish with ``#`` in the same order.
REASONS: dict[str, str] = {
    "recommended, budget pressure #": "rekommenderat, budgettryck #",
    "not recommended, budget pressure #": "avrått, budgettryck #",
    "no recommendation, budget pressure #": "ingen rekommendation, budgettryck #",
    "# months after approval": "# månader efter godkännandet",
    "reconsideration": "omprövning",
    "chance of a yes # per cent": "utsikt till ja # procent",
    "claims exceed what is left": "anspråken är större än vad som är kvar",
    "a national tariff or cap": "en nationell taxa eller ett tak",
    "devices cost more than the budget": "hjälpmedlen kostade mer än budgeten",
    "there was room in the budget": "det fanns utrymme i budgeten",
    "# MSEK spent last year, # MSEK replaced by state money":
        "# mnkr användes förra året, # mnkr ersattes av statliga pengar",
    "effort # after own waits, # MSEK state money, # of it in place of own money":
        "ansträngning # efter egna väntetider, # mnkr statliga pengar, # av dem i stället för egna",
    "# of them for a norm or law beyond its own specification":
        "# av dem för ett riktvärde eller en lag utöver egna krav",
    "# posts wanted, # found": "# tjänster söktes, # tillsattes",
    "from #, answer to own queue #": "från #, svar på egen kö #",
}  # fmt: skip
_AGENTS: dict[str, str] = {
    "state": "staten", "NT council": "NT-rådet", "TLV": "TLV", "company": "företaget",
    "national programme": "nationellt programområde",
}  # fmt: skip
_NUMBERED: dict[str, str] = {
    "municipality": "kommun", "labour market": "arbetsmarknaden", "centre": "vårdcentral", "clinic": "klinik",
}  # fmt: skip


def reason_words(reason: str, lang: Lang) -> str:
    """Why somebody decided so; a reason without Swedish words is given as it stands."""
    if lang == "sv":
        for pattern, swedish in _patterns():
            found = pattern.fullmatch(reason)
            if found:
                numbers = iter(number.replace(".", ",") for number in found.groups())
                return "".join(next(numbers) if part == "#" else part for part in re.split("(#)", swedish))
    return reason


def agent_words(agent: str, lang: Lang) -> str:
    """Who decided: a region by name."""
    kind, _, rest = agent.rpartition(" ")
    if kind == "region":
        return f"region {REGION_NAMES.get(rest, rest)}" if lang == "sv" else f"{REGION_NAMES.get(rest, rest)}"
    if lang == "en":
        return agent
    if agent in _AGENTS:
        return _AGENTS[agent]
    return f"{_NUMBERED[kind]} {rest}" if kind in _NUMBERED else agent


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(re.escape(english).replace(r"\#", _NUMBER)), swedish)
        for english, swedish in REASONS.items()
    ]
