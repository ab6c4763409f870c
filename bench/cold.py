"""From submit to result of a no-op task, beside ``docker run --rm`` of the same image, in turns."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from orchestrator_sdk import Client

PYTHON = "/opt/venv/bin/python"


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds, one for each round."""

    run_ms: list[float]
    docker_ms: list[float]
    docker_no_network_ms: list[float]


def measure(client: Client, task: str, image: str, docker: str, *, rounds: int) -> Times:
    """Take all three in every round; the first, which warms the caches, is not counted."""
    times = Times([], [], [])
    for number in range(rounds + 1):
        taken = (
            _ms(lambda: client.run(task, [])),
            _ms(lambda: _docker_run(docker, image, "bridge")),
            _ms(lambda: _docker_run(docker, image, "none")),
        )
        if number:
            for series, value in zip((times.run_ms, times.docker_ms, times.docker_no_network_ms), taken, strict=True):
                series.append(value)
    return times


def _docker_run(docker: str, image: str, network: str) -> None:
    command = [docker, "run", "--rm", f"--network={network}", "--entrypoint", PYTHON, image, "-c", "print('done')"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed == "done\n"


def _ms(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000
