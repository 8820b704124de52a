"""Every command, option and file that the tutorials name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.cli.command_pages import Command, commands, page_text
from tests.docs import tutorials
from tests.docs.tutorials import ELSEWHERE, PAGES, ROOT, Line, inline, languages, lines_of, small

#: Programs beside ours that a block that is run may call.
OTHERS = ("make", "open")


@pytest.fixture(scope="module")
def known() -> dict[str, Command]:
    return commands()


def pages_with_commands() -> list[str]:
    """All hand-written pages that name a command of ours in a block."""
    files = [
        ROOT / "README.md",
        ROOT / "scenarios" / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").glob("*.md"),
    ]
    return [
        str(file.relative_to(ROOT))
        for file in sorted(files)
        if file.name != "commands.md" and "run_sim.py" in file.read_text(encoding="utf-8")
    ]


def wrong_options(words: list[str], known: dict[str, Command]) -> list[str]:
    """What in a command does not exist."""
    if words in (["--help"], ["COMMAND", "--help"]) or words[0] == "COMMAND":
        return []
    command = known.get(words[0])
    if command is None:
        return [f"no command {words[0]}"]
    options = {
        word.partition("=")[0] for word in words[1:] if word.startswith("-") and not re.match(r"-\d", word)
    }
    return [f"{words[0]} has no {name}" for name in options - {"--help"} if command.option(name) is None]


def test_what_does_not_exist_is_found(known):
    assert wrong_options(["run", "x.yaml", "--seed", "3"], known) == ["run has no --seed"]
    assert wrong_options(["simulate"], known) == ["no command simulate"]
    assert wrong_options(["run", "x.yaml", "--seeds", "3", "-q"], known) == []


@pytest.mark.parametrize("page", pages_with_commands())
def test_every_command_and_option_of_a_page_exists(page, known):
    wrong = [
        f"{page}:{line.number}: {problem}"
        for line in lines_of(page)
        if line.ours is not None
        for problem in wrong_options(line.ours, known)
    ]
    for code in inline(page):
        words = code.split()
        if "run_sim.py" in words[:2]:
            words = words[words.index("run_sim.py") + 1 :]
        elif words[0] not in known or not any(word.startswith("--") for word in words):
            continue
        wrong += [f"{page}: `{code}`: {problem}" for problem in wrong_options(words or ["--help"], known)]
    assert not wrong


@pytest.mark.parametrize("page", PAGES)
def test_every_option_named_alone_belongs_to_some_command(page, known):
    all_options = {name for command in known.values() for option in command.options for name in option.names}
    named = {code.split()[0].partition("=")[0] for code in inline(page) if re.match(r"--[a-z]", code)}
    assert not named - all_options - {"--help"}


@pytest.mark.parametrize("page", PAGES)
def test_commands_stand_in_blocks_that_are_tested(page):
    command = re.compile(r"^\s*(\S*python\S*\s+)?run_sim\.py ", re.MULTILINE)
    wrong = [
        f"{page}:{number}"
        for number, language, body in languages(page)
        if command.search(body) and language not in ("sh", "bash", "yaml")
    ]
    assert not wrong, "commands belong in ```sh blocks (```bash for whole scripts), where tests read them"


def test_every_page_with_commands_is_run_or_says_why_not():
    known_pages = {*PAGES, *ELSEWHERE}
    missing = [page for page in pages_with_commands() if lines_of(page) and page not in known_pages]
    assert not missing, "add these to PAGES or ELSEWHERE in tests/docs/tutorials.py"


@pytest.mark.parametrize(
    "line", [line for page in PAGES for line in lines_of(page)], ids=lambda x: f"{x.page}:{x.number}"
)
def test_a_line_calls_our_command_or_a_program_that_everybody_has(line: Line):
    if line.reason:
        assert len(line.reason) > 5
        return
    assert line.ours is not None or line.words[0] in OTHERS, line.text
    if line.words[0] == "make":
        assert re.search(rf"^{line.words[1]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE), (
            line.text
        )


def scenarios_shown() -> list[tuple[str, str]]:
    """Page with line, and text, of every whole scenario in the tutorials but the one with a lever of its own."""
    return [
        (f"{page}:{number}", body)
        for page in PAGES
        if page != "docs/add-a-lever.md"
        for number, language, body in languages(page)
        if language == "yaml" and body.startswith("schema: 1")
    ]


@pytest.mark.parametrize(("where", "text"), scenarios_shown())
def test_a_scenario_that_a_page_shows_can_be_used(where, text, tmp_path):
    from sim.scenario.loader import load_scenario

    (tmp_path / "shown.yaml").write_text(text, encoding="utf-8")
    assert load_scenario(tmp_path / "shown.yaml").levers, where


def test_a_command_is_made_small_without_losing_what_it_says():
    assert small(["validate", "a.yaml"]) == ["validate", "a.yaml"]
    words = small(["compare", "a.yaml", "b.yaml", "--seeds", "5", "--lang", "sv"])
    assert words[:5] == ["compare", "a.yaml", "b.yaml", "--lang", "sv"]
    assert words.count("--seeds") == 1
    assert words[words.index("--seeds") + 1] == "2"
    assert small(["sweep", "d", "--expand", "seeds=5"]) == ["sweep", "d", "--expand", "seeds=1"]


def test_a_reason_for_not_running_belongs_to_the_block_below_it(tmp_path: Path, monkeypatch):
    text = "```sh\nmake a  # one\n```\n\n<!-- not run: takes a night -->\n```sh\nrun_sim.py b\n```\n"
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(tutorials, "ROOT", tmp_path)
    first, second = lines_of("page.md")
    assert (first.text, first.reason, first.number) == ("make a", "", 2)
    assert (second.text, second.reason, second.ours) == ("run_sim.py b", "takes a night", ["b"])


def test_the_page_of_commands_names_every_option_of_help(known, capsys):
    from sim.cli import main

    text = page_text()
    for name in ("run", "sweep", "explain"):
        with pytest.raises(SystemExit):
            main([name, "--help"])
        shown = set(re.findall(r"(?<=│ )[ *]*(--[a-z-]+)", capsys.readouterr().out))
        assert shown
        part = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert not [option for option in shown - {"--help"} if f"`{option}`" not in part]
