"""The project's own papers agree with each other, and a fresh machine gets a clear word."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;#]+)\s*(?:[;#].*)?$")
LOCKS = ("py311.txt", "py312.txt")


@pytest.fixture(scope="module")
def project(project_root: Path) -> dict[str, Any]:
    return tomllib.loads((project_root / "pyproject.toml").read_text("utf-8"))["project"]


def pins(lock: Path) -> dict[str, Version]:
    text = lock.read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    matches = [PIN.match(line) for line in lines]
    unpinned = [line for line, match in zip(lines, matches, strict=True) if match is None]
    assert not unpinned, f"{lock.name} holds lines that are not an exact version: {unpinned}"
    return {canonicalize_name(match[1]): Version(match[2]) for match in matches if match}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index_host_or_local_path(project_root: Path, name: str) -> None:
    text = (project_root / "locks" / name).read_text("utf-8")
    for sign in ("://", "file:", "--", " @ ", "/"):
        where = [line for line in text.splitlines() if sign in line.split("#")[0]]
        assert not where, f"{name} holds {sign!r}: {where}"
    assert "://" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_fixes_every_direct_dependency_inside_its_range(
    project_root: Path, project: dict[str, Any], name: str
) -> None:
    locked = pins(project_root / "locks" / name)
    asked = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    for requirement in map(Requirement, asked):
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{name} does not fix {requirement.name}"
        assert requirement.specifier.contains(version), f"{name}: {requirement} does not allow {version}"


def test_the_version_is_the_same_everywhere(project_root: Path, project: dict[str, Any]) -> None:
    citation = YAML(typ="safe").load((project_root / "CITATION.cff").read_text("utf-8"))
    changelog = (project_root / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## \[(\d[^\]]*)\]", changelog, flags=re.MULTILINE)
    assert str(citation["version"]) == project["version"]
    assert import_module("sim").__version__ == project["version"]
    assert released[0] == project["version"]


def test_the_licence_is_the_whole_apache_text(project_root: Path, project: dict[str, Any]) -> None:
    text = (project_root / "LICENSE").read_text("utf-8")
    assert project["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_ci_runs_the_test_command_of_the_readme(project_root: Path) -> None:
    script = project_root / ".ci" / "run"
    commands = [line.strip() for line in script.read_text("utf-8").splitlines()]
    assert script.stat().st_mode & 0o111, ".ci/run is not executable"
    assert any(command.startswith("make test-all") for command in commands)
    assert "make test-all" in (project_root / "README.md").read_text("utf-8")


def test_git_ignores_results_but_not_their_readme(project_root: Path) -> None:
    if not shutil.which("git") or not (project_root / ".git").exists():
        pytest.skip("not a git checkout")

    def ignored(path: str) -> bool:
        command = ["git", "check-ignore", "--quiet", "--no-index", path]
        return subprocess.run(command, cwd=project_root, check=False).returncode == 0

    assert ignored("results/baseline/manifest.json")
    assert ignored(".venv/bin/python")
    assert ignored("sim/__pycache__/rng.nbi")
    assert not ignored("results/README.md")
    assert not ignored("sim/data/regions.csv")


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_without_a_suitable_python_says_which_is_needed(project_root: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3.8"
    old.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    old.chmod(0o755)
    for python in ("", str(old)):
        command = ["make", "setup", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}"]
        done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "Python 3.11 or newer is needed" in done.stdout + done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_missing_library_is_named_with_the_way_to_install_it(project_root: Path) -> None:
    # -S leaves out the installed libraries, as on a machine where only Python is installed.
    command = [sys.executable, "-S", "-E", "run_sim.py", "levers"]
    done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "make setup" in done.stderr
    assert "pip install -e ." in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_python_that_is_too_old_is_told_so_in_one_line(project_root: Path) -> None:
    code = "import runpy, sys; sys.version_info = (3, 9); runpy.run_path('run_sim.py', run_name='__main__')"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("Python 3.11 or newer is needed; this is 3.9.")
    assert len(done.stderr.strip().splitlines()) == 1
