"""Loaded by every worker of a cluster on this machine: Ctrl-C is for the command, which then ends its workers."""

from __future__ import annotations

import signal


def dask_setup(worker: object) -> None:
    """Called by dask in the worker's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
