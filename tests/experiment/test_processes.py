"""Worker processes end with the process that started them, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from sim.experiment.store import PROJECT

_PARENT = """
import os, time
from sim.experiment.processes import worker_pool
if __name__ == "__main__":
    print(worker_pool(1).submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # ended, but not yet waited for by anybody
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_a_worker_whose_parent_is_killed_ends_too(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(_PARENT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert _is_there(worker)
        parent.send_signal(signal.SIGKILL)
    until = time.monotonic() + 20
    while _is_there(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _is_there(worker)
