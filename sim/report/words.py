"""The sentences of reports, from ``sim/report/text/*.yaml``: Swedish and English beside each other."""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from sim.report.labels import Lang

FOLDER = Path(__file__).resolve().parent / "text"


class Words:
    """Sentences in one language.

    Args:
        lang: ``sv`` or ``en``.
    """

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, key: str, **fields: object) -> Markup:
        """A sentence with its fields filled in; what is filled in is escaped unless it is ``Markup``.

        Raises:
            KeyError: There is no such sentence, or a field is missing.
        """
        return Markup(escape(all_words()[key][self.lang])).format(**fields)

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in all_words()

    def term(self, group: str, name: str) -> Markup:
        """A term such as a status or a payer; one that is not known is written as it is."""
        key = f"{group}.{name}"
        return self(key) if self.has(key) else escape(name.replace("_", " "))

    def phrase(self, english: str) -> Markup:
        """A fixed English phrase of the results tables in the page's language; an unknown one stays English."""
        known = all_words().get(f"phrases.{english}")
        return escape(known[self.lang]) if known else escape(english)

    def join(self, parts: list[Markup]) -> Markup:
        """``a, b and c``."""
        if len(parts) < 2:
            return Markup("").join(parts)
        return Markup("{} {} {}").format(Markup(", ").join(parts[:-1]), self("common.and"), parts[-1])

    def sentence(self, text: Markup) -> Markup:
        """With a capital first letter."""
        return Markup(text[:1].upper() + text[1:]) if text[:1] != "<" else text


@lru_cache(maxsize=1)
def all_words() -> Mapping[str, dict[str, str]]:
    """Every sentence of reports by its dotted key, each with ``sv`` and ``en``."""
    return read_sentences(FOLDER)


def read_sentences(folder: Path) -> dict[str, dict[str, str]]:
    """Every sentence in a folder's files by its dotted key, each with ``sv`` and ``en``.

    Raises:
        ValueError: A sentence lacks a language, its fields differ between languages, or a key stands there twice.
    """
    from ruamel.yaml import YAML

    found: dict[str, dict[str, str]] = {}
    for file in sorted(folder.glob("*.yaml")):
        content = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
        for group, sentences in content.items():
            for key, both in sentences.items():
                name = f"{group}.{key}"
                if name in found:
                    raise ValueError(f"{file.name}: {name} stands in another file already")
                found[name] = _checked(f"{file.name}: {name}", both)
    return found


def _checked(where: str, both: Any) -> dict[str, str]:
    if not isinstance(both, dict) or set(both) != {"sv", "en"}:
        raise ValueError(f"{where} must have sv and en")
    fields = [
        {name for _, name, _, _ in string.Formatter().parse(both[lang]) if name} for lang in ("sv", "en")
    ]
    if fields[0] != fields[1]:
        raise ValueError(f"{where}: the languages fill in different fields: {fields[0] ^ fields[1]}")
    return {lang: " ".join(str(text).split()) for lang, text in both.items()}
