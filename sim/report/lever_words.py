"""Swedish words of the levers' pages, beside the English of their classes: ``sim/data/catalogue/lever_words_sv.yaml``.

A text or term without Swedish stays English; whoever shows it marks it as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

WORDS_FILE = Path(__file__).resolve().parents[1] / "data" / "catalogue" / "lever_words_sv.yaml"
#: Texts of a page that have Swedish words; ``source`` only where it is more than names of documents.
TEXTS: tuple[str, ...] = ("who_decides", "legal_change", "watch", "source")


def lever_text(page: Mapping[str, Any], field: str, lang: str) -> tuple[str, str]:
    """A text of a lever's page in a language, and the language it is given in.

    Args:
        page: What ``lever_page`` gives.
        field: One of ``TEXTS``.
        lang: ``sv`` or ``en``.
    """
    english = str(page.get(field, ""))
    swedish = swedish_texts(str(page["id"])).get(field, "") if lang == "sv" else ""
    if swedish:
        return swedish, "sv"
    # A source is names of documents unless Swedish words for it are known.
    return english, lang if field == "source" or not english else "en"


def term_words(english: str, lang: str) -> tuple[str, str]:
    """A unit or value of a lever's setting in a language, and the language it is given in."""
    if lang == "sv" and english in _words()["terms"]:
        return str(_words()["terms"][english]), "sv"
    return english, "en"


def swedish_texts(lever: str) -> Mapping[str, str]:
    """The Swedish texts of one lever; empty when there are none yet."""
    found: Mapping[str, str] = _words()["texts"].get(lever, {})
    return found


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, Any]]:
    from ruamel.yaml import YAML

    content: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load(
        WORDS_FILE.read_text(encoding="utf-8")
    )
    return content
