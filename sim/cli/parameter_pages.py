"""A row for every parameter, from ``sim/data/parameters.yaml``: pages of the documentation site, made when it is built.

They are not stored: the file they are made from is, and a second copy could only fall behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.cli.catalogue import range_words, short_words
from sim.report.labels import AREAS
from sim.report.markdown import table
from sim.scenario.parameters import GRADES, load_parameters
from sim.scenario.passport import Parameter

INDEX = "README.md"
_LONGEST_VALUE = 400


@dataclass(frozen=True)
class Topic:
    """One page of parameters.

    Attributes:
        title: Heading.
        about: One sentence.
    """

    title: str
    about: str


#: First part of a parameter's id → its page. What is not named here stands under ``other``.
TOPICS: dict[str, Topic] = {
    **{
        area: Topic(
            f"{label['en']} · {label['sv'].lower()}", "Patients, staff, money and rules of this care area."
        )
        for area, label in AREAS.items()
    },
    "knowledge": Topic(
        "Knowledge and follow-up · kunskapsstyrning",
        "How guidance travels from evidence to a patient, and what follow-up finds.",
    ),
    "steering": Topic("Steering · styrning", "What makes somebody who is told something follow it."),
    "learning": Topic("Learning · lärande", "How regions take over rules from each other."),
    "population": Topic(
        "Population and providers · befolkning och vårdgivare", "People, incomes and primary-care centres."
    ),
    "heterogeneity": Topic(
        "Switches of difference · av- och påslag",
        "How much of each source of difference is left; `causes` turns them.",
    ),
    "other": Topic("Everything else · övrigt", "Moves, structure and feedback."),
}


def topic_of(parameter_id: str) -> str:
    """The page on which a parameter stands."""
    first = parameter_id.split(".", maxsplit=1)[0]
    return first if first in TOPICS else "other"


def all_texts() -> dict[str, str]:
    """Every page by file name, as ``parameters.yaml`` has it today."""
    pages: dict[str, list[Parameter]] = {topic: [] for topic in TOPICS}
    for parameter in load_parameters().values():
        pages[topic_of(parameter.id)].append(parameter)
    return {
        INDEX: index_text(pages),
        **{f"{topic}.md": page_text(TOPICS[topic], own) for topic, own in pages.items()},
    }


def page_text(topic: Topic, parameters: Sequence[Parameter]) -> str:
    """One page as Markdown.

    Args:
        topic: Heading and what it is about.
        parameters: Its parameters.
    """
    head = ("what it is", "value", "not known", "where from")
    rows = [parameter_row(parameter) for parameter in parameters]
    return f"# {topic.title}\n\n{topic.about} {_count(parameters)}\n\n{table(head, rows)}\n"


def parameter_row(parameter: Parameter) -> tuple[str, str, str, str]:
    """A parameter as four cells: what it is, value with unit, range, source with year and grade.

    The id is also the row's anchor, so that ``parameters/knowledge.html#knowledge.leadership_sd`` leads to it.
    """
    name = f'<span id="{parameter.id}"></span>{parameter.label["en"]}<br>*{parameter.label["sv"]}*<br>`{parameter.id}`'
    value = f"**{short_words(parameter.value, _LONGEST_VALUE)}**<br>{parameter.unit}"
    source = [f"**{parameter.grade}**, {parameter.year}", parameter.source, parameter.fixed, parameter.note]
    return name, value, range_words(parameter.as_dict()) or "–", "<br>".join(filter(None, source))


def index_text(pages: Mapping[str, Sequence[Parameter]]) -> str:
    """The index: how many parameters there are, by page and grade, and how to read a row.

    Args:
        pages: Parameters by topic.
    """
    everything = [parameter for own in pages.values() for parameter in own]
    rows = [(f"[{TOPICS[topic].title}]({topic}.md)", *_numbers(own)) for topic, own in pages.items()] + [
        ("**all**", *_numbers(everything))
    ]
    children = "\n".join(topic for topic in pages)
    return f"""# Parameters

Every number that the model reads, with its passport. {_count(everything)}

{table(("page", *GRADES, "all", "with a range"), rows)}

**How to read a row.** *Value* is what the central draw (`--draw 0`) uses. *Not known* is the range from which the other
draws take it; a dash means that all draws use the same value. The grade says how good the source is: *official*
(statistics or law), *published* (research, reports), *seed* (the reports that the project started from) or *assumption*
(made for this model: believe the range, not the value). `run_sim.py parameters ID` prints the same row.

**To try another value**, name it in a scenario under `parameters:`, or on the command line with
`--set parameters.{everything[0].id}={short_words(everything[0].value)}`. What a lever can be told stands on
[the lever's own page](../levers/README.md); figures about regions and municipalities stand under [Data](../data.md).

```{{toctree}}
:hidden:

{children}
```
"""


def _numbers(parameters: Sequence[Parameter]) -> tuple[int, ...]:
    grades = [sum(parameter.grade == grade for parameter in parameters) for grade in GRADES]
    return (*grades, len(parameters), sum(parameter.distribution is not None for parameter in parameters))


def _count(parameters: Sequence[Parameter]) -> str:
    assumed = sum(parameter.grade == "assumption" for parameter in parameters)
    return f"{len(parameters)} parameters, {assumed} of them assumptions."


def write(folder: Path) -> list[Path]:
    """Write all pages; a file that says the same already is left alone, so that a second build is quick.

    Args:
        folder: Where.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = all_texts()
    for old in folder.glob("*.md"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    return [folder / name for name in texts]
