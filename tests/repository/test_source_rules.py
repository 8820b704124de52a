"""Rules that no linter knows: where luck comes from, which way imports point, nothing of one machine."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

STEP_CODE = ("sim/agents", "sim/care", "sim/policies", "sim/model.py")
RANDOM_MODULES = ("random", "secrets", "uuid", "numpy.random")
RANDOM_METHODS = ("shuffle_do", "urandom", "default_rng", "RandomState", "reset_randomizer", "reset_rng")

RIGHT_OF_MODEL = ("sim.measures", "sim.experiment", "sim.report", "sim.server", "sim.cli")
# What each part must not import: all to its right, and for agents and care the policies that change them.
NOT_IMPORTED_BY = {
    "sim/data": ("sim.scenario", "sim.model", "sim.agents", "sim.care", "sim.policies", *RIGHT_OF_MODEL),
    "sim/agents": ("sim.policies", *RIGHT_OF_MODEL),
    "sim/care": ("sim.policies", *RIGHT_OF_MODEL),
    "sim/policies": RIGHT_OF_MODEL,
    "sim/model.py": RIGHT_OF_MODEL[1:],  # the month ends by measuring
    "sim/scenario": ("sim.model", *RIGHT_OF_MODEL),
    "sim/measures": RIGHT_OF_MODEL[1:],
    "sim/experiment": RIGHT_OF_MODEL[2:],
    "sim/report": ("sim.server", "sim.cli"),
    "sim/server": ("sim.cli",),  # the command starts the server
}

LOCAL_TRACES = re.compile(
    r"(?<![\w.~*-])/(?:work|farm|root|opt/wheels|opt/pypi[\w-]*)/"  # folders of one machine
    r"|(?<![\w.])/(?:home|Users)/[a-z]\w*/"
    r"|\.lib"
    r"rary\b|\.\./(?:shared|seeds)\b"
)
TEXT_SUFFIXES = {".cff", ".csv", ".css", ".geojson", ".html", ".js", ".json", ".md", ".py", ".svg", ".toml"}
TEXT_SUFFIXES |= {".txt", ".yaml", ".yml"}


def modules(part: str) -> list[Path]:
    path = ROOT / part
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


def imports(source: str, package: str = "") -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, with ``from a import b`` as ``a.b`` and dots resolved."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def inside(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).parent.parts)


def unkeyed_draws(source: str, package: str = "sim") -> list[str]:
    """Every use of randomness in ``source`` that does not come from sim.rng, as ``line: what``."""
    found = [
        (line, f"import {name}")
        for line, name in imports(source, package)
        if any(inside(name, module) for module in RANDOM_MODULES)
    ]
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Attribute):
            continue
        keyed = ast.unparse(node) == "sim.rng"
        if node.attr in ("random", "rng", *RANDOM_METHODS) and not keyed:
            found.append((node.lineno, ast.unparse(node)))
    return [f"{line}: {what}" for line, what in sorted(set(found))]


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from random import choice",
        "import numpy.random as nr",
        "from numpy import random",
        "from numpy.random import default_rng",
        "import numpy as np\nx = np.random.normal()",
        "def step(self):\n    return self.random.random()",
        "def step(model):\n    return model.rng.normal()",
        "class A:\n    def step(self):\n        self.model.rng.integers(3)",
        "agents.shuffle_do('step')",
        "import os\nos.urandom(4)",
    ],
)
def test_a_draw_that_is_not_keyed_is_found(source: str) -> None:
    assert unkeyed_draws(source)


@pytest.mark.parametrize(
    "source",
    [
        "from sim import rng\nu = rng.uniform(1, 2, 3)",
        "import sim.rng\nu = sim.rng.uniform(1, 2, 3)",
        "from sim.rng import Stream",
        "random_order = sorted(ids, key=priority)",
    ],
)
def test_a_keyed_draw_is_allowed(source: str) -> None:
    assert unkeyed_draws(source) == []


@pytest.mark.parametrize("part", STEP_CODE)
def test_step_code_draws_only_keyed_luck(part: str) -> None:
    paths = modules(part)
    assert paths, f"nothing found in {part}"
    found = {
        str(path.relative_to(ROOT)): draws
        for path in paths
        if (draws := unkeyed_draws(path.read_text("utf-8"), package_of(path)))
    }
    assert not found, f"draw by sim.rng instead, keyed by seed, stream, month and agent: {found}"


def test_imports_are_read_with_their_dots_resolved() -> None:
    source = "import a.b\nfrom c import d\nfrom . import e\nfrom ..measures import cv\nfrom .f import g"
    names = [name for _, name in imports(source, "sim.care")]
    assert names == ["a.b", "c.d", "sim.care.e", "sim.measures.cv", "sim.care.f.g"]


@pytest.mark.parametrize("part", NOT_IMPORTED_BY)
def test_imports_point_from_data_to_the_command(part: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(part)
        for line, name in imports(path.read_text("utf-8"), package_of(path))
        if any(inside(name, banned) for banned in NOT_IMPORTED_BY[part])
    ]
    assert not wrong, f"{part} stands to the left of these: {wrong}"


def test_only_the_mesa_surface_imports_mesa() -> None:
    importers = {
        str(path.relative_to(ROOT))
        for path in modules("sim")
        for _, name in imports(path.read_text("utf-8"), package_of(path))
        if inside(name, "mesa")
    }
    assert importers == {"sim/mesa_surface.py"}


def test_the_command_imports_nothing_but_the_command_line_package() -> None:
    names = [name for _, name in imports((ROOT / "run_sim.py").read_text("utf-8"))]
    assert names == ["sys", "sim.cli.main"]


def committed_text_files() -> list[Path]:
    """Files that are or would be committed; without git, everything outside caches and environments."""
    if shutil.which("git") and (ROOT / ".git").exists():
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        paths = [ROOT / name for name in listed.split("\0") if name]
    else:
        outside = {".git", ".venv", "venv", "build", "dist", "results"}
        paths = [path for path in ROOT.rglob("*") if not outside & set(path.relative_to(ROOT).parts)]
    plain = {"Makefile", "LICENSE", "run", ".gitignore"}
    return [path for path in paths if path.is_file() and (path.suffix in TEXT_SUFFIXES or path.name in plain)]


@pytest.mark.parametrize(
    ("text", "is_trace"),
    [
        ('path = "/' + 'work/main/x"', True),
        ("see /" + "root/.cache", True),
        ("from /" + "home/anna/data.csv", True),
        ("see .." + "/shared/design", True),
        ("https://example.org/" + "work/report", False),
        ("docs/" + "work/plan.md and /workshop/", False),
        ("https://example.org/home/index/", False),
    ],
)
def test_a_trace_of_one_machine_is_told_from_an_ordinary_path(text: str, is_trace: bool) -> None:
    assert bool(LOCAL_TRACES.search(text)) is is_trace


def test_no_committed_file_points_to_a_place_on_one_machine() -> None:
    paths = committed_text_files()
    assert ROOT / "pyproject.toml" in paths
    traces = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1)
        if path != Path(__file__).resolve() and LOCAL_TRACES.search(line)
    ]
    assert not traces, traces
