"""Admission on real Docker: ``python -m bench.crowd`` prints how long a hundred tasks that wait 5 s take, and bursts of no-ops.

Beside the hundred, how long a hundred `docker run` take, six at once: on a busy host both take longer. A burst is of twenty runs
submitted at once, beside twenty `docker run` at once of the base image, in turns.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from orchestrator.app.data_dir import DataDir
from orchestrator_sdk import Client

ROOT: Final = Path(__file__).parent.parent
WAITING: Final = 100
BURST: Final = 20
ROUNDS: Final = 3
TASKS: Final = """
import time
from orchestrator_sdk import Workflows

app = Workflows()

@app.task
def wait() -> None:
    time.sleep(5)

@app.task
def noop() -> None:
    pass

if __name__ == "__main__":
    app.start()
"""


def main() -> None:
    """Measure and print."""
    docker = subprocess.check_output([ROOT / "images" / "docker-cli"], text=True).strip()
    with _instance() as data_dir, Client(url=data_dir.endpoint(), api_key=data_dir.api_key()) as client:
        image = subprocess.check_output([ROOT / "images" / "ensure-base"], text=True).strip()
        waited_s = _timed(lambda: _all(client, "crowd/wait", WAITING))
        starts_s = _timed(lambda: _docker_runs(docker, image, WAITING, at_once=6))
        print(f"{WAITING} tasks of standard that wait 5 s: {waited_s:.1f} s; as many docker run: {starts_s:.1f} s")
        ours, plain = list[float](), list[float]()
        for _ in range(ROUNDS):
            ours.append(_timed(lambda: _all(client, "crowd/noop", BURST)))
            plain.append(_timed(lambda: _docker_runs(docker, image, BURST, at_once=BURST)))
        ratio = median(ours) / median(plain)
        print(f"a burst of {BURST}: {median(ours):.2f} s; docker run: {median(plain):.2f} s; ratio {ratio:.2f}")


def _all(client: Client, task: str, count: int) -> None:
    runs = [client.start(task, []) for _ in range(count)]
    for run in runs:
        client.wait(run.id)


def _docker_runs(docker: str, image: str, count: int, at_once: int) -> None:
    command = [docker, "run", "--rm", "--entrypoint", "python3", image, "-c", "pass"]
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda _: subprocess.run(command, check=True, capture_output=True), range(count)))


def _timed(action: Callable[[], object]) -> float:
    begin_s = time.monotonic()
    action()
    return time.monotonic() - begin_s


@contextmanager
def _instance() -> Iterator[DataDir]:
    """An orchestrator of its own with the tasks, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="orchestrator-bench-") as home:
        data_dir, repo = DataDir(Path(home) / "data"), Path(home) / "repo"
        repo.mkdir()
        (repo / "main.py").write_text(TASKS)
        _orchestrator(data_dir, "up", "--detach", "--port", "0")
        try:
            _orchestrator(data_dir, "deploy", str(repo), "--name", "crowd")
            yield data_dir
        finally:
            _orchestrator(data_dir, "down")


def _orchestrator(data_dir: DataDir, *arguments: str) -> None:
    command = [sys.executable, "-m", "orchestrator", *arguments, "--data-dir", str(data_dir.path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
