"""Every command with its options: what the documentation site lists, and what its tests hold tutorials to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from typer.main import get_command

from sim.report.markdown import table


@dataclass(frozen=True)
class Option:
    """An option or an argument of a command.

    Attributes:
        names: ``--seeds``, ``-q``; empty for an argument.
        value: What follows it, such as ``N|a,b,c``; empty for a switch.
        help: What it does.
    """

    names: tuple[str, ...]
    value: str
    help: str


@dataclass(frozen=True)
class Command:
    """A command.

    Attributes:
        name: Its name.
        help: What it does.
        options: Its options and arguments.
    """

    name: str
    help: str
    options: tuple[Option, ...]

    def option(self, name: str) -> Option | None:
        """The option with this name, None when the command has none."""
        return next((option for option in self.options if name in option.names), None)


def commands() -> dict[str, Command]:
    """All commands that help lists, by name, in the order of help."""
    from sim.cli.app import build

    group = get_command(build())
    return {
        name: Command(name, " ".join((command.help or "").split()), tuple(map(_option, command.params)))
        for name, command in getattr(group, "commands", {}).items()
        if not command.hidden
    }


def _option(parameter: object) -> Option:
    is_option = getattr(parameter, "param_type_name", "") == "option"
    metavar = getattr(parameter, "metavar", None) or (getattr(parameter, "name", "") or "").upper()
    names = (*getattr(parameter, "opts", ()), *getattr(parameter, "secondary_opts", ())) if is_option else ()
    takes_value = not (is_option and getattr(parameter, "is_flag", False))
    return Option(names, metavar if takes_value else "", getattr(parameter, "help", "") or "")


def page_text() -> str:
    """The page of all commands as Markdown."""
    parts = [
        "# Commands",
        "Every command and option of this version. `run_sim.py COMMAND --help` prints the same. All commands may be "
        "stopped with Ctrl-C: results folders appear whole or not at all.",
        "Exit codes: 0 good, 1 a run failed, 2 the input cannot be used, 3 partly done, 130 stopped by you.",
    ]
    for command in commands().values():
        rows = [
            (
                " ".join(f"`{name}`" for name in option.names),
                f"`{option.value}`" if option.value else "",
                option.help,
            )
            for option in command.options
        ]
        parts += [f"## {command.name}", command.help, table(("option", "value", "what it does"), rows)]
    return "\n\n".join(parts) + "\n"


def write(path: Path) -> None:
    """Write the page, unless it says the same already.

    Args:
        path: The file.
    """
    text = page_text()
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
