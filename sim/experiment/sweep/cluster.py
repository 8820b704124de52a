"""Where runs are made: a cluster on this machine, started and closed for the user, or one that exists already.

Both are used in the same way through a dask client. dask is imported here only, and only when a sweep is executed.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import Any

from sim.experiment.sweep.extra import needs_extra

#: Seconds to wait for an existing scheduler, and for its first worker.
CONNECT_SECONDS = 15
FIRST_WORKER_SECONDS = 120
#: A chunk that took this many workers down with it is not tried again as a whole.
WORKERS_LOST = 3
_CLOSE_SECONDS = 5
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


class ClusterError(Exception):
    """A cluster that cannot be used."""

    exit_code = 2


class SchedulerGoneError(Exception):
    """The scheduler does not answer any more; what it had has to be made again."""

    def __init__(self) -> None:
        super().__init__("the scheduler is gone")


@contextmanager
def connected(scheduler: str | None, workers: int | None) -> Iterator[Any]:
    """A dask client.

    Args:
        scheduler: Address of a scheduler that runs already; None starts a cluster on this machine.
        workers: Processes of the cluster on this machine; by default as many as there are processors.

    Raises:
        MissingExtraError: dask is not installed.
        ClusterError: The scheduler does not answer, or has no worker.
    """
    with needs_extra():
        import dask
        import distributed
    _quiet()
    # Workers may be lost one after the other (kill, memory); the folder, not dask, decides what is run again.
    settings = {
        "distributed.scheduler.allowed-failures": WORKERS_LOST,
        "distributed.comm.timeouts.connect": CONNECT_SECONDS,
        "distributed.nanny.pre-spawn-environ": _ONE_THREAD,
        "distributed.comm.retry.count": 0,
        # Looking at a run a hundred times a second, to draw where it spends its time, made it a quarter slower.
        "distributed.worker.profile.enabled": False,
    }
    with dask.config.set(settings):
        if scheduler is None:
            with _local(distributed, workers or os.cpu_count() or 1) as client:
                yield client
        else:
            with _existing(distributed, scheduler) as client:
                yield client


@contextmanager
def _local(distributed: Any, workers: int) -> Iterator[Any]:
    cluster = distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",  # nobody else on the network may look; any free port
        memory_limit=0,  # a worker's need is known and small; dask's guess would kill it at large scales
        silence_logs=logging.CRITICAL,
        preload=["sim.experiment.sweep.quiet_worker"],
    )
    client = None
    try:
        client = distributed.Client(cluster)
        yield client
    finally:
        for thing in (client, cluster):
            if thing is not None:
                with suppress(Exception):
                    thing.close(timeout=_CLOSE_SECONDS)


@contextmanager
def _existing(distributed: Any, scheduler: str) -> Iterator[Any]:
    try:
        client = distributed.Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(
            f"--scheduler {scheduler}: no scheduler answers there ({str(error).splitlines()[0]}). Start one with "
            "`dask scheduler` and give its address, such as tcp://127.0.0.1:8786"
        ) from None
    try:
        try:
            client.wait_for_workers(1, timeout=FIRST_WORKER_SECONDS)
        except TimeoutError:
            raise ClusterError(
                f"--scheduler {scheduler}: no worker has come within {FIRST_WORKER_SECONDS} seconds. Start some with "
                f"`dask worker {scheduler} --nthreads 1`"
            ) from None
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=_CLOSE_SECONDS)


@contextmanager
def asking() -> Iterator[None]:
    """Around every call that the scheduler answers: it may be gone before the client has noticed.

    Raises:
        SchedulerGoneError: It is.
    """
    from distributed.client import ClosedClientError
    from distributed.comm.core import CommClosedError

    try:
        yield
    except (CommClosedError, ClosedClientError, CancelledError, TimeoutError) as error:
        raise SchedulerGoneError from error


def threads(client: Any) -> int:
    """Runs that the cluster makes at the same time.

    Raises:
        SchedulerGoneError: The scheduler does not answer.
    """
    with asking():
        found = client.scheduler_info(n_workers=-1).get("workers", {}).values()
    return sum(int(worker.get("nthreads", 1)) for worker in found)


def _quiet() -> None:
    """Lost workers are told in the progress line, not by tracebacks of dask."""
    for name in ("distributed", "tornado", "asyncio", "bokeh"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
