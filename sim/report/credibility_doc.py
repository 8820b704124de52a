"""The tables of ``docs/credibility.md``, made from a stored run so that the page cannot fall behind the patterns.

``python -m sim.report.credibility_doc DIR`` stores the results folder of a run of ``credibility`` as
``docs/credibility.json`` and rewrites the tables; without DIR it rewrites them from what is stored. Numbers are run
anew when somebody asks, not when code changes; the patterns, tags and tolerances in the page must be today's, and a
test sees to it.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.experiment.credibility.patterns import EVIDENCE, NOT_RUN, Catalogue, load_catalogue
from sim.experiment.credibility.verdicts import CANNOT, FAILS, HOLDS, MODEL, OFF, PRIOR
from sim.experiment.results_folder import ResultsFolder, open_results
from sim.report.credibility_figures import TAG_ORDER, short
from sim.report.markdown_blocks import PROJECT, refreshed, table

DOCUMENT = PROJECT / "docs" / "credibility.md"
STORED = PROJECT / "docs" / "credibility.json"
_KEPT = (
    "pattern", "tag", "simulated", "simulated_low", "simulated_high", "inside", "draws_inside", "prior_inside",
    "verdict", "without_mechanism", "inside_without", "broken_by",
)  # fmt: skip
_TAG_NAMES = {
    "held_out": "Held out: evidence",
    "analogue": "Analogue: another country, other drugs or an expectation",
    "fitted": "Fitted: a parameter rests on the figure",
    "identity": "Identity: true by construction",
}
Stored = dict[str, Any]


class StaleRunError(ValueError):
    """The stored run is of other patterns than today's."""


def stored_run(folder: ResultsFolder) -> Stored:
    """What the document keeps of a run: verdicts, rates, removals, and with what they were asked."""
    manifest, found, asked = folder.manifest, folder.table("credibility"), _asked(load_catalogue())
    return {
        **{key: manifest[key] for key in ("draws", "seeds", "scale", "code_hash", "data_hash")},
        "asked": {name: asked[name] for name in found["pattern"]},
        "patterns": [{k: _plain(row[k]) for k in _KEPT} for row in found.to_dict(orient="records")],
        "rates": [{k: _plain(v) for k, v in row.items()} for row in folder.table("rates").to_dict(orient="records")],
        "removals": [
            {k: _plain(row[k]) for k in ("pattern", "removal", "simulated", "without", "effect")}
            for row in folder.table("removals").to_dict(orient="records")
        ],
    }  # fmt: skip


def _asked(catalogue: Catalogue) -> dict[str, list[Any]]:
    """Pattern → tag and tolerance as they stand in its file."""
    return {
        p.id: [p.tag, *((p.tolerance.low, p.tolerance.high) if p.tolerance else (None, None))]
        for p in catalogue.patterns
    }


def refuse_stale(run: Stored, catalogue: Catalogue) -> None:
    """Refuse a run whose patterns, tags or tolerances are not today's.

    Raises:
        StaleRunError: Naming what differs.
    """
    today = _asked(catalogue)
    differ = sorted(name for name in {*today, *run["asked"]} if today.get(name) != run["asked"].get(name))
    if differ:
        raise StaleRunError(f"the stored run is of other patterns: {', '.join(differ)}")


def tables(run: Stored, catalogue: Catalogue) -> Mapping[str, str]:
    """Name → every generated block."""
    own = {p.id: p for p in catalogue.patterns}
    found = {row["pattern"]: row for row in run["patterns"]}
    return {
        "short": _short_words(run),
        "rates": _rates(run),
        **{f"patterns.{tag}": _patterns(tag, own, found) for tag in TAG_ORDER},
        "misses": _misses(own, found),
        "removals": _removals(run, own, catalogue),
        "not_simulable": table(
            ["pattern", "published", "source", "why not"],
            [[p.title["en"], _published(p), p.source, p.tag_reason] for p in own.values() if p.tag == NOT_RUN],
        ),
    }  # fmt: skip


def _short_words(run: Stored) -> str:
    """The hit rate and its nulls in a sentence each, and how many verdicts of each kind."""
    own = {row["name"]: row for row in run["rates"] if row["tag"] == EVIDENCE}
    model, prior, off = (own[name] for name in (MODEL, PRIOR, OFF))
    verdicts = [row["verdict"] for row in run["patterns"] if row["tag"] == EVIDENCE]
    holds, fails, cannot = (verdicts.count(verdict) for verdict in (HOLDS, FAILS, CANNOT))
    told = [
        f"{'cannot be told from' if row['low'] <= 0.0 <= row['high'] else 'differs from'} {words}"
        for words, row in (
            ("the first", own[f"{MODEL} minus {PRIOR}"]),
            ("the second", own[f"{MODEL} minus {OFF}"]),
        )
    ]
    return (
        f"**The model hits {model['hits']:.0f} of {model['patterns']} held-out patterns, {_percent(model['rate'])} "
        f"({_percent(model['low'])} to {_percent(model['high'])}).** Prior draws hit {_percent(prior['rate'])}, the "
        f"model with the mechanism switched off {_percent(off['rate'])}; it {told[0]} and {told[1]}. "
        f"When what nobody knows is varied, {holds} hold, {fails} fail, and of {cannot} the model cannot say.\n"
    )


def _rates(run: Stored) -> str:
    rows = [
        [
            _TAG_NAMES[row["tag"]], row["name"], row["patterns"], _percent(row["rate"]),
            f"{_percent(row['low'])} to {_percent(row['high'])}",
        ]
        for row in run["rates"]
    ]  # fmt: skip
    head = ["tag", "which", "patterns", "inside their tolerance", "95 %"]
    return f"{len(run['draws'])} draws, {len(run['seeds'])} seeds.\n\n" + table(head, rows)


def _patterns(tag: str, own: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    rows = []
    for name, pattern in own.items():
        row = found[name]
        if row["tag"] != tag:
            continue
        rows.append([
            pattern.title["en"], _published(pattern), _tolerance(pattern), _simulated(row),
            _percent(row["draws_inside"]), f"**{row['verdict']}**", pattern.kind, pattern.source,
        ])  # fmt: skip
    head = [
        "pattern",
        "published",
        "tolerance",
        "model (90 % of draws)",
        "draws inside",
        "verdict",
        "kind",
        "source",
    ]
    return table(head, rows)


def _misses(own: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    rows = []
    for verdict in ("fails", "cannot say"):
        for name, row in found.items():
            if row["verdict"] == verdict:
                miss = own[name].miss
                words = " ".join(part for part in (miss["en"] if miss else "", own[name].afterwards) if part)
                rows.append(
                    [
                        own[name].title["en"],
                        row["tag"].replace("_", " "),
                        f"**{verdict}**",
                        words or "Not explained.",
                    ]
                )
    return table(["pattern", "tag", "verdict", "why"], rows)


def _removals(run: Stored, own: Mapping[str, Any], catalogue: Catalogue) -> str:
    rows = [
        [
            own[row["pattern"]].title["en"], catalogue.removals[row["removal"]].label["en"],
            _short(row["simulated"]), _short(row["without"]), row["effect"],
        ]
        for row in run["removals"]
        if row["effect"] != "leaves"
    ]  # fmt: skip
    return table(["pattern", "switched off", "model", "without", "effect"], rows)


def _published(pattern: Any) -> str:
    published = pattern.published
    if published.value is None:
        return (
            f"“{published.words['en']}” ({published.unit})"
            if published.unit
            else f"“{published.words['en']}”"
        )
    detail = f" ({published.detail})" if published.detail else ""
    return f"{_short(published.value)} {published.unit}{detail}"


def _tolerance(pattern: Any) -> str:
    low, high = pattern.tolerance.low, pattern.tolerance.high
    ends = (
        f"at least {_short(low)}"
        if high is None
        else f"at most {_short(high)}"
        if low is None
        else f"{_short(low)} to {_short(high)}"
    )
    return f"{ends}. {pattern.tolerance.reason}"


def _simulated(row: Mapping[str, Any]) -> str:
    if row["simulated_low"] is None:
        return _short(row["simulated"])
    return f"{_short(row['simulated'])} ({_short(row['simulated_low'])} to {_short(row['simulated_high'])})"


def _short(value: float | None) -> str:
    return "–" if value is None else short(value, "en")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return None if not math.isfinite(value) else float(f"{value:.6g}")
    return value


def read_stored() -> Stored:
    """The stored run."""
    found: Stored = json.loads(STORED.read_text(encoding="utf-8"))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Store a run when a folder is given, and rewrite the tables of the document."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    catalogue = load_catalogue()
    run = stored_run(open_results(Path(given[0]))) if given else read_stored()
    refuse_stale(run, catalogue)
    if given:
        STORED.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(refreshed(text, tables(run, catalogue)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
