"""From the death of a container (SIGKILL from the host) to its run's end as a client hears of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from orchestrator_sdk import Client, TaskRunError


def measure(client: Client, task: str, docker: str, *, rounds: int) -> list[float]:
    """Milliseconds, one for each round; `task` sleeps and is not retried."""
    return [_once(client, task, docker) for _ in range(rounds)]


def _once(client: Client, task: str, docker: str) -> float:
    run = client.start(task, [])
    while not any(line.message == "waiting" for line in client.logs(run.id)):
        time.sleep(0.02)
    process = _process(docker, run.id)
    start = time.perf_counter()
    os.kill(process, signal.SIGKILL)
    try:
        client.wait(run.id, timeout_s=30)
    except TaskRunError:
        return (time.perf_counter() - start) * 1000
    raise AssertionError("the run completed although its process was killed")


def _process(docker: str, run_id: str) -> int:
    """The host's number of the process that runs the task: the child of the container's init."""
    found = subprocess.check_output([docker, "ps", "-q", "--filter", f"label=orchestrator.run={run_id}"], text=True)
    inspected = json.loads(subprocess.check_output([docker, "inspect", found.strip()], text=True))
    init = inspected[0]["State"]["Pid"]
    return int(Path(f"/proc/{init}/task/{init}/children").read_text().split()[0])
