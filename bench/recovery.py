"""How soon an orchestrator that was killed with 50 runs in flight is back at work."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from orchestrator.app.data_dir import DataDir
from orchestrator.cli.bench.own import OwnOrchestrator
from orchestrator.cli.instance import configuration, daemon
from orchestrator_sdk import Client

RUNS: Final = 50
ROOM: Final[Mapping[str, Any]] = MappingProxyType({"capacity_cpus": 64.0, "capacity_memory_bytes": 128 * 1024**3})
"""Settings: room for all of them at once: asleep, they need next to nothing of what their plan reserves."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds from the start of the next orchestrator: until its API serves, and until a new run was executed."""

    serving_s: float
    working_s: float
    lost: int


def measure(own: OwnOrchestrator, task: str, noop: str) -> Recovery:
    """Kill the orchestrator with `RUNS` runs of a task that sleeps in flight, and start it again."""
    data_dir = own.data_dir
    with _client(data_dir) as client:
        runs = [client.start(task, []).id for _ in range(RUNS)]
        while any(client.get(run).status != "running" for run in runs):
            time.sleep(0.2)
    os.kill(own.pid, signal.SIGKILL)
    begin = time.perf_counter()
    daemon.start(data_dir, configuration.environment(configuration.read(data_dir.path, {"port": 0, **ROOM})))
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
