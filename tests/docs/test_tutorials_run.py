"""The tutorials' commands do what they say, page by page and in order, in a copy of the project, on few people."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.tutorials import PAGES, ROOT, Line, lines_of, shrink, small

pytestmark = pytest.mark.slow
_LONGEST_SECONDS = 1800
COPIED = ("run_sim.py", "sim", "scenarios", "docs", "Makefile", "README.md", "pyproject.toml")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a fresh checkout has it, compiled rules included so that they are not compiled once more."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source, copy / name, ignore=shutil.ignore_patterns("my-*", "levers" if name == "docs" else "")
            )
        else:
            shutil.copy2(source, copy / name)
    return copy


def run(project: Path, line: Line) -> None:
    """Run one line of a tutorial.

    Raises:
        AssertionError: It fails, or a file that it opens is not there.
    """
    if line.words[0] == "open":
        assert (project / line.words[1]).is_file(), f"{line.page}:{line.number}: {line.words[1]} is not there"
        return
    if line.ours is not None:
        words = line.ours
    elif line.words == ["make", "demo"]:
        words = ["demo"]
    else:
        return  # setting up and testing are done by whoever runs this
    command = [sys.executable, "run_sim.py", *small(words)]
    done = subprocess.run(
        command,
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST_SECONDS,
        env={**os.environ, "PYTHONPATH": str(project)},
    )
    said = f"{line.page}:{line.number}: {' '.join(command[1:])}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert done.returncode == 0, said
    assert "Traceback" not in done.stderr, said
    if words[0] == "init" and "--sweep" in words:
        shrink(project / "scenarios" / "sweeps" / f"{words[1]}.yaml")


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work_in_order(project: Path, page: str) -> None:
    lines = [line for line in lines_of(page) if not line.reason]
    written = project / "results"
    shutil.rmtree(written, ignore_errors=True)
    written.mkdir()
    before = set((project / "scenarios").rglob("*"))
    try:
        for line in lines:
            run(project, line)
    finally:
        for file in set((project / "scenarios").rglob("*")) - before:
            file.unlink()
