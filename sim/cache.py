"""Files of this program's own caches: written whole, with a checksum, and the least recently used removed first.

A cache costs time when it cannot be read or written, never a result: what is damaged is thrown away, and what cannot be
kept is made again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
_DIGEST_BYTES = 16


def cache_root() -> Path:
    """Where caches are kept: ``SIM_CACHE``, else ``.cache/`` of the project, else the user's cache folder."""
    named = os.environ.get("SIM_CACHE")
    if named:
        return Path(named)
    if os.access(PROJECT, os.W_OK) and (PROJECT / "run_sim.py").exists():
        return PROJECT / ".cache"
    return Path.home() / ".cache" / "centralisation-sim"


def read_checked(path: Path) -> bytes | None:
    """What was kept in a file, which counts as used now; None when it is not there, or was damaged and is removed."""
    try:
        whole = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    digest, blob = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
    if _digest(blob) != digest:
        path.unlink(missing_ok=True)
        return None
    return blob


def write_checked(path: Path, blob: bytes, most_bytes: int) -> None:
    """Keep bytes in a file, if that is possible.

    Args:
        path: The file; files of its folder with the same ending share the space.
        blob: What to keep.
        most_bytes: Space for all of them.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(_digest(blob))
            file.write(blob)
        os.replace(name, path)
        _make_room(path.parent, path.suffix, most_bytes)
    except OSError:
        return


def _make_room(folder: Path, suffix: str, most_bytes: int) -> None:
    kept = []
    for path in folder.glob(f"*{suffix}"):
        try:
            state = path.stat()
        except OSError:  # another process removed it
            continue
        kept.append((state.st_mtime, state.st_size, path))
    total = 0
    for _, size, path in sorted(kept, key=lambda item: -item[0]):
        total += size
        if total > most_bytes:
            path.unlink(missing_ok=True)


def _digest(blob: bytes) -> bytes:
    return hashlib.blake2b(blob, digest_size=_DIGEST_BYTES).digest()
