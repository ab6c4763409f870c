"""How soon an orchestrator that was killed with 50 runs in flight is back at work."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from orchestrator.app.data_dir import DataDir
from orchestrator_sdk import Client

RUNS: Final = 50
ROOM: Final = {"ORCHESTRATOR_CAPACITY_CPUS": "64", "ORCHESTRATOR_CAPACITY_MEMORY_BYTES": str(128 * 1024**3)}
"""For all of them at once: asleep, they need next to nothing of what their plan reserves."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds from the start of the next orchestrator: until its API serves, and until a new run was executed."""

    serving_s: float
    working_s: float
    lost: int


def measure(data_dir: DataDir, task: str, noop: str, up: Callable[[], None]) -> Recovery:
    """Kill the orchestrator with `RUNS` runs of a task that sleeps in flight, and start it again with `up`."""
    with _client(data_dir) as client:
        runs = [client.start(task, []).id for _ in range(RUNS)]
        while any(client.get(run).status != "running" for run in runs):
            time.sleep(0.2)
    pid = data_dir.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    begin = time.perf_counter()
    up()
    serving_s = time.perf_counter() - begin
    with _client(data_dir) as client:
        client.run(noop, [], timeout_s=60)
        working_s = time.perf_counter() - begin
        lost = sum(client.get(run).status != "running" or len(client.get(run).attempts) != 1 for run in runs)
        for run in runs:
            client.cancel(run)
        while any(client.get(run).status != "canceled" for run in runs):
            time.sleep(0.2)
    return Recovery(serving_s, working_s, lost)


def _client(data_dir: DataDir) -> Client:
    return Client(url=data_dir.endpoint(), api_key=data_dir.api_key())
