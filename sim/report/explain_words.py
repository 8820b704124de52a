"""Plain sentences about why an outcome changed in a region, made by rules from the facts of a results folder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sim.experiment.explain import Chain
from sim.experiment.explain_breaks import Break
from sim.experiment.explain_facts import Change, Compliance, Events, RegionFacts
from sim.experiment.explain_told import LeverNews, Told
from sim.policies.catalogue import lever_page
from sim.report.explain_reasons import agent_words, reason_words
from sim.report.explain_texts import BREAKS, DECISIONS, HANDLES, KINDS, PAYERS, SAID
from sim.report.labels import (
    Lang,
    area_label,
    find_unit,
    format_number,
    format_value,
    indicator_label,
    seeds_label,
    thin_data_note,
)
from sim.report.lever_words import lever_text, term_words
from sim.scenario.errors import InputError
from sim.scenario.regions import REGION_NAMES

#: Longest lists that are told in full.
_MOST_TOLD, _MOST_INDICATORS, _MOST_EVENTS = 8, 6, 6
#: Below this, a change of the primary outcome is too small to matter, share.
_TINY = 0.001
#: Below this many persons a year, nobody.
_NOBODY = 0.05
#: Below this number of seeds an interval is too uncertain to be quoted.
_FEW_SEEDS = 5


@dataclass(frozen=True)
class Section:
    """One link of the chain.

    Attributes:
        title: Its heading.
        sentences: What is said.
    """

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """One chain in words.

    Attributes:
        title: Region, area and scenarios.
        setting: Years, seeds and draw.
        sections: The links in order: told, decided, money, providers, people, breaks.
    """

    title: str
    setting: str
    sections: tuple[Section, ...]


def story(chain: Chain, lang: Lang) -> Story:
    """Tell one chain.

    Args:
        chain: Facts of one region, area and reform.
        lang: ``sv`` or ``en``.
    """
    facts, compared = chain.facts, bool(chain.base)
    names = {
        "region": REGION_NAMES.get(facts.region, facts.region), "code": facts.region,
        "area": area_label(facts.area, lang), "scenario": chain.scenario, "base": chain.base,
    }  # fmt: skip
    title = _t("title" if compared else "title_run", lang, **names)
    links = [
        ("told", _told(chain, lang)),
        ("decided", _decided(facts, lang)),
        ("money", _money(facts, lang)),
        ("providers", _providers(facts, lang)),
        ("people", _people(chain, lang)),
        ("breaks", [break_sentence(b, lang) for b in chain.breaks]),
    ]
    if facts.untouched and compared:
        links = [links[0], ("people", [_t("untouched", lang)]), links[-1]]
    sections = tuple(Section(_t(f"head_{name}", lang), tuple(lines)) for name, lines in links if lines)
    return Story(title, _setting(chain, lang), sections)


def brief(chain: Chain, lang: Lang) -> tuple[str, ...]:
    """A chain in a few plain sentences: levers, decisions that differ, money, people, and where it breaks.

    Decisions are only those that can be told from chance; all the rest is in ``story``.
    """
    facts = chain.facts
    lines = [_t(f"brief_{news.how}", lang, title=lever_page(news.id)["title"][lang]) for news in chain.news]
    if facts.untouched and chain.base:
        return (*lines, _t("untouched", lang), *(break_sentence(b, lang) for b in chain.breaks))
    told = [c for c in facts.decisions if c.told_apart and not c.nothing and c.name in DECISIONS]
    lines += [f"{DECISIONS[change.name][lang]}: {_from_to(change, lang)}." for change in told]
    lines += [*_money(facts, lang), *_people(chain, lang)]
    lines += [break_sentence(b, lang) for b in chain.breaks]
    return tuple(lines)


def _t(key: str, lang: Lang, **fields: object) -> str:
    return SAID[key][lang].format(**fields)


def _lever(lever_id: str, lang: Lang) -> str:
    """A lever's title; what is no lever's id is written readably."""
    try:
        return str(lever_page(lever_id)["title"][lang])
    except InputError:
        return term_words(lever_id.replace("_", " "), lang)[0]


def _content(content: str, lang: Lang) -> str:
    return term_words(content.replace("_", " "), lang)[0]


def _setting(chain: Chain, lang: Lang) -> str:
    first, second = (str(a) if a == b else f"{a}–{b}" for a, b in chain.years)
    key = "setting" if chain.base else "setting_run"
    words = _t(key, lang, first=first, years=second, seeds=seeds_label(chain.seeds, lang), draw=chain.draw)
    thin = thin_data_note(chain.facts.area, lang)
    few = _t("few_seeds", lang) if 1 < chain.seeds < _FEW_SEEDS else ""
    return " ".join(part for part in (words, few, f"{thin}." if thin else "") if part)


# -- who was told what ---------------------------------------------------------------------------------------------


def _told(chain: Chain, lang: Lang) -> list[str]:
    lines: list[str] = []
    for news in chain.news:
        lines += lever_sentences(news, lang)
    if not chain.news:
        lines.append(_t("no_news" if chain.base else "no_news_run", lang))
    if chain.others:
        lines.append(_t("others", lang, levers=", ".join(chain.others)))
    if len(chain.news) + len(chain.others) > 1 and chain.base:
        lines.append(_t("together", lang))
    if chain.parameters:
        lines.append(_t("parameters", lang, names=", ".join(chain.parameters)))
    return lines


def lever_sentences(news: LeverNews, lang: Lang) -> list[str]:
    """What a lever is, from when, and what it tells whom."""
    page = lever_page(news.id)
    lines = [
        _t(
            f"how_{news.how}", lang, title=page["title"][lang], id=news.id, since=news.since.isoformat(),
            until="" if news.until is None else _t("until", lang, until=news.until.isoformat()),
        )
    ]  # fmt: skip
    lines += [
        _t("parameter", lang, name=name, before=first, after=second)
        for name, (first, second) in news.parameters.items()
    ]
    if page.get("who_decides"):
        lines.append(_t("who_decides", lang, who=lever_text(page, "who_decides", lang)[0]))
    if news.reaches and news.in_time:
        shown = news.told[:_MOST_TOLD]
        lines += [told_sentence(told, lang) for told in shown]
        if len(news.told) > len(shown):
            lines.append(_t("more_told", lang, n=len(news.told) - len(shown)))
    return lines


def told_sentence(told: Told, lang: Lang) -> str:
    """One thing that one kind of agent is told."""
    who, what = KINDS[told.kind][lang], HANDLES[told.handle][lang]
    content = f" “{_content(told.content, lang)}”" if told.content else ""
    if told.before is None:
        return _t("is_told", lang, who=who, what=what, content=content, after=told.after)
    if told.after is None:
        return _t("is_not_told", lang, who=who, what=what, content=content, before=told.before)
    return _t("is_told_else", lang, who=who, what=what, content=content, before=told.before, after=told.after)


# -- who decided otherwise -----------------------------------------------------------------------------------------


def _decided(facts: RegionFacts, lang: Lang) -> list[str]:
    lines = [_compliance(row, lang) for row in facts.compliance]
    lines += [
        f"{_decision_words(change.name, lang)}: {_from_to(change, lang)}."
        for change in facts.decisions
        if not change.nothing
    ]
    own = [event for event in facts.events if event.who == "region"]
    national = [event for event in facts.events if event.who != "region"]
    for event in (*own[:_MOST_EVENTS], *national[:_MOST_EVENTS]):
        lines += _event(event, lang)
    return lines or [_t("nobody_decided", lang)]


def _compliance(row: Compliance, lang: Lang) -> str:
    fields = {
        "content": _content(row.content, lang), "lever": _lever(row.lever, lang),
        "agents": format_number(row.agents, lang),
        "share": _percent(row.share, lang), "probability": format_number(row.probability, lang, 2),
    }  # fmt: skip
    if math.isnan(row.share_before):
        return _t("complied", lang, **fields)
    return _t("complied_before", lang, **fields, before=_percent(row.share_before, lang))


def _decision_words(name: str, lang: Lang) -> str:
    known = DECISIONS.get(name)
    return known[lang] if known else name.replace("_", " ").capitalize()


def _event(event: Events, lang: Lang) -> list[str]:
    whose = "" if event.who == "region" else _t("national", lang)
    count = event.count
    numbers = _t(
        "counted", lang, before=_count(count.before, lang), after=_count(count.after, lang),
        certainty=_certainty(count, lang, 1),
    )  # fmt: skip
    lines = [f"{_decision_words(event.decision, lang)}{whose}: {numbers}."]
    example = event.example
    if example is not None:
        value = float(example["value"])
        about = (
            _t("drug", lang, number=f"{value:.0f}") if event.about_a_drug else format_number(value, lang, 2)
        )
        lines.append(
            _t(
                f"example_{example['side']}", lang, date=example["date"], value=about, alone=event.alone,
                agent=agent_words(str(example["agent"]), lang), reason=reason_words(str(example["reason"]), lang),
                seed=f"{float(example['seed']):.0f}",
            )
        )  # fmt: skip
    return lines


def _count(value: float, lang: Lang) -> str:
    return format_number(value, lang, 0 if value == round(value) else 1)


# -- numbers -------------------------------------------------------------------------------------------------------


def _percent(share: float, lang: Lang) -> str:
    return format_value(share, "share", lang, 0)


def _digits(change: Change, factor: float = 1.0) -> int:
    """Decimals that show the difference with about two figures, at most four."""
    size = abs(change.difference) * factor
    if size == 0.0 or not math.isfinite(size):
        return 1
    return int(min(max(1 - math.floor(math.log10(size)), 0), 4))


def _from_to(change: Change, lang: Lang, factor: float = 1.0) -> str:
    """A number on both sides with what is known of the difference."""
    digits = max(_digits(change, factor), 1)
    before, after = (format_number(x * factor, lang, digits) for x in (change.before, change.after))
    return _t("from_to", lang, before=before, after=after, certainty=_certainty(change, lang, digits, factor))


def _certainty(change: Change, lang: Lang, digits: int, factor: float = 1.0) -> str:
    """The difference with its interval, and whether it can be told from chance."""
    if change.nothing:
        return _t("same", lang)
    difference, low, high = (
        _signed(x * factor, lang, digits) for x in (change.difference, change.low, change.high)
    )
    if change.seeds < 2:
        return _t("one_seed", lang, difference=difference)
    key = "told_apart" if change.told_apart else "not_told_apart"
    return _t(key, lang, difference=difference, low=low, high=high)


def _signed(value: float, lang: Lang, digits: int) -> str:
    written = format_number(value, lang, digits)
    return f"+{written}" if value > 0.0 and any(figure in written for figure in "123456789") else written


# -- money, providers, people --------------------------------------------------------------------------------------


def _money(facts: RegionFacts, lang: Lang) -> list[str]:
    lines = []
    for change in facts.money:
        if not change.nothing:
            lines.append(f"{PAYERS[change.name][lang]}: {_from_to(change, lang, 1e-6)} {_t('msek', lang)}.")
    return lines or [_t("no_money", lang)]


def _providers(facts: RegionFacts, lang: Lang) -> list[str]:
    """What can be told from chance, largest first; how much else moved."""
    moved = [change for change in facts.providers if not change.nothing]
    clear = sorted((c for c in moved if c.told_apart), key=_relative, reverse=True)
    lines = []
    for change in clear[:_MOST_INDICATORS]:
        unit = find_unit(change.unit)
        words = unit.full[lang]
        label = indicator_label(facts.area, change.name, lang)
        lines.append(f"{label}: {_from_to(change, lang, unit.factor)} ({words}).")
    rest = len(moved) - len(lines)
    if rest:
        lines.append(_t("rest_moved", lang, n=rest, clear=len(clear) - len(lines)))
    if len(facts.providers) > len(moved):
        lines.append(_t("unmoved", lang, n=len(facts.providers) - len(moved)))
    return lines


def _relative(change: Change) -> float:
    return abs(change.difference) / max(abs(change.before), 1e-9)


def _people(chain: Chain, lang: Lang) -> list[str]:
    facts = chain.facts
    lines = []
    if facts.outcome is None:
        return [_t("no_outcome", lang)]
    label = indicator_label(facts.area, facts.outcome.name, lang)
    lines.append(f"{label}: {_from_to(facts.outcome, lang, 100.0)} ({_t('equal_need', lang)}).")
    if not math.isnan(facts.gaining) and max(facts.gaining, facts.losing) >= _NOBODY:
        lines.append(
            _t(
                "persons", lang, gaining=format_number(facts.gaining, lang, 1),
                losing=format_number(facts.losing, lang, 1),
            )
        )  # fmt: skip
    lines.append(verdict(facts.outcome, lang, bool(chain.base)))
    return lines


def verdict(outcome: Change, lang: Lang, compared: bool = True) -> str:
    """What can be said of the primary outcome, and no more."""
    if outcome.nothing:
        return _t("verdict_nothing", lang)
    if outcome.seeds < 2:
        return _t("verdict_one_seed", lang)
    if not outcome.told_apart:
        return _t("verdict_unknown", lang)
    key = "verdict_rose" if outcome.difference > 0.0 else "verdict_fell"
    words = [_t(key, lang)]
    if abs(outcome.difference) < _TINY:
        words.append(_t("tiny", lang))
    if not compared:
        words.append(_t("over_time", lang))
    return " ".join(words)


def break_sentence(found: Break, lang: Lang) -> str:
    """One break in words."""
    written: dict[str, str] = {}
    for name, value in found.numbers.items():
        if isinstance(value, str):
            written[name] = _named(name, value, lang)
        elif name in ("share", "before", "after"):
            written[name] = _percent(value, lang)
        elif name in ("state", "region", "care"):
            written[name] = _signed(value / 1e6, lang, 1)
        elif name == "staff":
            written[name] = _signed(value, lang, 2)
        else:
            written[name] = format_number(value, lang, 2 if name == "probability" else 0)
    return BREAKS[found.kind][lang].format(**written)


def _named(name: str, value: str, lang: Lang) -> str:
    if name == "lever":
        return _lever(value, lang)
    return _content(value, lang) if name in ("content", "decision") else value


def as_text(stories: Sequence[Story]) -> str:
    """Stories as plain text, one after the other."""
    parts = []
    for one in stories:
        lines = [one.title, one.setting]
        for section in one.sections:
            lines += ["", section.title, *(f"  - {sentence}" for sentence in section.sentences)]
        parts.append("\n".join(lines))
    return "\n\n\n".join(parts)
