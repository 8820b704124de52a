"""Worker processes on this machine: how they are started, told to use one thread each, and ended.

This module loads nothing heavy, so that workers can load the model while the process that starts them does.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process


def worker_pool(workers: int, at_once: bool = False) -> ProcessPoolExecutor:
    """A pool of fresh processes.

    Args:
        workers: How many.
        at_once: Whether they start, and load the model, before there is work for them.
    """
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin)
    if at_once:
        with deaf_to_ctrl_c():
            for _ in range(workers):
                pool.submit(_load_model)
    return pool


def _begin() -> None:
    import numba

    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    numba.set_num_threads(1)


def _end_with_the_parent() -> None:
    """A worker whose parent was killed would wait for work for ever, and keep its memory."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _load_model() -> None:
    import sim.experiment.compare  # noqa: F401


@contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """Processes started meanwhile leave Ctrl-C to the one that starts them, from their first moment on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def stop_workers(pool: ProcessPoolExecutor) -> None:
    """End a pool at once when the user stops or something fails: what it was at is of no use half done."""
    pool.shutdown(wait=False, cancel_futures=True)
    for child in active_children():
        child.terminate()
