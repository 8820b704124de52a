"""The texts of the server, from ``sim/server/text/*.yaml``: Swedish and English beside each other.

Plain text, not HTML: whoever writes it into a page escapes it there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from sim.report.labels import LANGUAGES, Lang
from sim.report.words import read_sentences

FOLDER = Path(__file__).resolve().parent / "text"
#: Language of who has not chosen one.
FIRST_LANGUAGE: Lang = "sv"


class Texts:
    """The server's texts in one language.

    Args:
        lang: ``sv`` or ``en``.
    """

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, key: str, **fields: object) -> str:
        """A text with its fields filled in.

        Raises:
            KeyError: There is no such text, or a field is missing.
        """
        words = all_texts()[key][self.lang]
        return words.format(**fields) if fields else words

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in all_texts()

    def term(self, group: str, name: str) -> str:
        """A term such as a level or a choice; one that is not known is written as it is."""
        key = f"{group}.{name}"
        return self(key) if self.has(key) else name.replace("_", " ")

    def pick(self, label: Mapping[str, str] | str | None) -> str:
        """The page's language out of a label that carries both."""
        if label is None or isinstance(label, str):
            return label or ""
        return label.get(self.lang) or label.get("en") or ""


def language_of(name: str | None) -> Lang:
    """The language called ``name``, or the first one where there is none of that name."""
    return next((lang for lang in LANGUAGES if lang == name), FIRST_LANGUAGE)


@lru_cache(maxsize=1)
def all_texts() -> Mapping[str, dict[str, str]]:
    """Every text by its dotted key, each with ``sv`` and ``en``.

    Raises:
        ValueError: A text lacks a language, or its fields differ between languages.
    """
    return read_sentences(FOLDER)
