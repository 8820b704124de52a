"""The report's own sentences about a comparison, in both languages, and why a region's outcome changed."""

from __future__ import annotations

from markupsafe import Markup

from sim.experiment.explain import chain_of
from sim.report.blocks import Answer
from sim.report.compare_answer import answer_section
from sim.report.explain_words import story
from sim.report.labels import LANGUAGES
from sim.server.kept_folder import KeptFolder
from sim.server.view_parts import Plain


def answers(folder: KeptFolder) -> list[Plain]:
    """The answer as it stands at the top of the report: plain text, no HTML.

    Returns:
        In the order of the report: ``kind`` ``answer`` with ``title``, ``sentences`` and ``rests_on``, or ``text`` with
        ``text`` and ``look`` (``lead``, ``note``, ``warn`` or empty); each a label in both languages.
    """
    pages = {lang: answer_section(folder.desk(lang)).blocks for lang in LANGUAGES}
    found: list[Plain] = []
    for swedish, english in zip(pages["sv"], pages["en"], strict=True):
        if isinstance(swedish, Answer) and isinstance(english, Answer):
            found.append({
                "kind": "answer",
                "title": _label(swedish.title, english.title),
                "sentences": [_label(*pair) for pair in zip(swedish.sentences, english.sentences, strict=True)],
                "rests_on": _label(swedish.rests_on, english.rests_on),
            })  # fmt: skip
            continue
        words = [getattr(block, "words", Markup("")) for block in (swedish, english)]
        found.append({"kind": "text", "text": _label(*words), "look": getattr(swedish, "look", "")})
    return found


def _label(swedish: Markup, english: Markup) -> dict[str, str]:
    return {"sv": _text(swedish), "en": _text(english)}


def _text(words: Markup) -> str:
    """Words of a page as plain text."""
    return " ".join(Markup(words).striptags().split())


def why(folder: KeptFolder, reform: str, area: str, region: str) -> list[Plain]:
    """Why a region's outcome changed: the chain of decisions, money and people, as ``explain`` tells it.

    Returns:
        The links in order: ``title`` and ``sentences``, labels in both languages.
    """
    scenario = folder.scenarios[reform]
    chain = chain_of(folder.explained(), scenario, area, region)
    told = {lang: story(chain, lang).sections for lang in LANGUAGES}
    return [
        {
            "title": {"sv": str(swedish.title), "en": str(english.title)},
            "sentences": [
                {"sv": str(one), "en": str(other)}
                for one, other in zip(swedish.sentences, english.sentences, strict=True)
            ],
        }
        for swedish, english in zip(told["sv"], told["en"], strict=True)
    ]
