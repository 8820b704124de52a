"""Results folders: files appear whole, nothing is overwritten unasked, and every file has a hash."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

PROJECT = Path(__file__).resolve().parents[2]
_LIBRARIES = ("mesa", "numpy", "numba", "scipy", "pandas", "pyarrow", "pydantic", "matplotlib")


#: A folder may be replaced only when it holds this file, written by ``write_json(manifest)`` or a causes table.
_OWN_MARKS = ("manifest.json", "causes.parquet")


class ResultsExistError(Exception):
    """Results cannot be written there: something is in the way, or the place cannot be written to."""


def _in_the_way(folder: Path) -> ResultsExistError:
    return ResultsExistError(
        f"{folder} already exists and results are never overwritten unasked: "
        "choose another folder with --out, or add --force to replace it"
    )


def file_hash(path: Path) -> str:
    """blake2b of a file's bytes, 32 hex digits."""
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


def tree_hash(folder: Path, patterns: tuple[str, ...]) -> str:
    """One hash of all files below ``folder`` whose names match, with their relative paths."""
    whole = hashlib.blake2b(digest_size=16)
    for path in sorted(p for pattern in patterns for p in folder.rglob(pattern)):
        whole.update(path.relative_to(folder).as_posix().encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Hash of everything that decides what the model does: its code, without reports, command and server.

    Taken once a process: code that is edited during a run is not the code that runs.
    """
    package = PROJECT / "sim"
    whole = hashlib.blake2b(digest_size=16)
    for part in ("agents", "care", "policies"):
        whole.update(tree_hash(package / part, ("*.py",)).encode())
    for name in ("model.py", "rng.py", "calendar.py", "mesa_surface.py"):
        whole.update((package / name).read_bytes())
    return whole.hexdigest()


@lru_cache(maxsize=1)
def data_hash() -> str:
    """Hash of the baseline data files and the code that reads them."""
    return tree_hash(PROJECT / "sim" / "data", ("*.csv", "*.py"))


@lru_cache(maxsize=1)
def measures_hash() -> str:
    """Hash of the code that turns a run into numbers."""
    return tree_hash(PROJECT / "sim" / "measures", ("*.py",))


@contextmanager
def new_folder(folder: Path, force: bool) -> Iterator[Path]:
    """Build a results folder beside its place and move it there when it is whole.

    Args:
        folder: Where the results shall be.
        force: Replace what is there.

    Yields:
        A temporary folder to write into; it is removed when anything fails, so nothing half-written stays.

    Raises:
        ResultsExistError: The folder exists and ``force`` is false.
    """
    folder = folder.resolve()
    refuse_existing(folder, force)
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    building.chmod(0o755)
    try:
        yield building
        refuse_existing(folder, force)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            os.replace(folder, old / folder.name)
            os.replace(building, folder)
            shutil.rmtree(old)
        else:
            os.replace(building, folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def refuse_existing(folder: Path, force: bool) -> None:
    """Raise ``ResultsExistError`` unless the folder is free, empty or may be replaced, and can be written.

    Even with ``force`` only a results folder of this program is replaced, never a folder with something else in it.
    """
    refuse_unwritable(folder)
    if not folder.exists():
        return
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        return
    if not force:
        raise _in_the_way(folder)
    if not folder.is_dir() or not any((folder / mark).is_file() for mark in _OWN_MARKS):
        held = ", ".join(sorted(p.name for p in folder.iterdir())[:3]) if folder.is_dir() else "a file"
        raise ResultsExistError(
            f"{folder} is not a results folder of this program (it holds {held}); "
            "--force replaces only results: choose another folder with --out"
        )


def refuse_unwritable(folder: Path) -> None:
    """Find out before anything is computed whether the folder can be made."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=".try-", dir=folder.parent):
            pass
    except OSError as error:
        raise ResultsExistError(
            f"--out: cannot write in {folder.parent} ({error.strerror}): choose a folder that you may write in"
        ) from None


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet; the same rows give the same bytes."""
    table.to_parquet(path, engine="pyarrow", index=False, compression="zstd")


def write_csv(table: pd.DataFrame, path: Path, excel_sv: bool = False) -> None:
    """Write a table as CSV.

    Args:
        table: The table.
        path: Where.
        excel_sv: Semicolons, decimal commas and a byte order mark, as Excel set to Swedish reads it.
    """
    if excel_sv:
        table.to_csv(path, index=False, sep=";", decimal=",", encoding="utf-8-sig")
    else:
        table.to_csv(path, index=False)


def write_csv_text(text: str, path: Path, excel_sv: bool = False) -> None:
    """Write CSV that is text already; with ``excel_sv`` as ``write_csv`` does."""
    if excel_sv:
        out = io.StringIO()
        csv.writer(out, delimiter=";", lineterminator="\n").writerows(csv.reader(io.StringIO(text)))
        path.write_text(out.getvalue(), encoding="utf-8-sig")
    else:
        path.write_text(text, encoding="utf-8")


def write_json(content: Any, path: Path) -> None:
    """Write readable JSON."""
    path.write_text(
        json.dumps(content, indent=2, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8"
    )


def versions() -> dict[str, str]:
    """Versions of the model, of Python and of the libraries that can change a result."""
    from sim import __version__

    found = {"sim": __version__, "python": platform.python_version()}
    for library in _LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            found[library] = "missing"
    return found


def commit() -> dict[str, Any]:
    """The commit that the code comes from, and whether files have been changed since; empty outside a checkout."""
    try:
        here = subprocess.run(
            ["git", "-C", str(PROJECT), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        changed = subprocess.run(
            ["git", "-C", str(PROJECT), "status", "--porcelain"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return {"commit": here.stdout.strip(), "changed_since": bool(changed.stdout.strip())}


def machine() -> dict[str, str]:
    """Kind of machine, without names."""
    return {"system": platform.system(), "processor": platform.machine(), "byte_order": sys.byteorder}
