"""Files that appear whole or not at all, and whether a file of results is what was written."""

from __future__ import annotations

import io
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.experiment.store import file_hash

RESULT_COLUMNS = ["run_id", "area", "indicator", "region", "measure", "value"]


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name, force it to disk, and give it its name: it is never seen half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # not every system lets a folder be opened
    with suppress(OSError):
        os.fsync(handle)
    os.close(handle)


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet so that it appears whole."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, engine="pyarrow", index=False, compression="zstd")
    write_whole(path, buffer.getvalue())


@dataclass(frozen=True)
class BatchState:
    """How a batch file is.

    Attributes:
        hash: Hash of its bytes.
        runs: Runs in it; 0 when it cannot be read, -1 when the ledger has counted them.
        problem: What is wrong with it; empty when nothing is.
    """

    hash: str
    runs: int
    problem: str


def batch_state(path: Path, expected: str | None) -> BatchState:
    """Whether a batch can be read and is what the ledger says.

    Args:
        path: The file.
        expected: Its hash in the ledger; None = the ledger does not know it.
    """
    try:
        found = file_hash(path)
    except OSError as error:
        return BatchState("", 0, f"it cannot be opened: {error.strerror}")
    if expected is not None and found != expected:
        return BatchState(found, 0, "its content is not what was written")
    if expected is not None:
        return BatchState(found, -1, "")
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        return BatchState(found, 0, f"it is not Parquet: {str(error).splitlines()[0][:120]}")
    if list(table.columns) != RESULT_COLUMNS:
        return BatchState(found, 0, "it has other columns than results")
    return BatchState(found, int(table["run_id"].nunique()), "")
