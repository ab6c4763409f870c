"""``make bench``: every number of the README, measured on this host in one call."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

from bench import chained, cold, death, idle, recovery, scale, shim, store, submit
from orchestrator.app.data_dir import DataDir
from orchestrator_sdk import Client

ROOT = Path(__file__).parent.parent
ROUNDS = 20
IDLE_S = 20.0
ORCHESTRATOR = (sys.executable, "-m", "orchestrator.cli.main")
NOOP = """
import time
from orchestrator_sdk import Retry, Workflows

app = Workflows()

@app.task
def noop() -> None:
    print("done")

@app.task(retry=Retry(max_retries=0, wait_duration_ms=0))
def sleep() -> None:
    print("sleeping", flush=True)
    time.sleep(3600)

if __name__ == "__main__":
    app.start()
"""


def main() -> None:
    table = Table("what", "measured", "beside it", "ratio", "goal", title=f"medians of {ROUNDS}, this host, one call")
    docker = subprocess.check_output([ROOT / "images" / "docker-cli"], text=True).strip()
    with Console(stderr=True).status("measuring …") as status, _instance() as data_dir:
        image = _deploy(data_dir, docker)
        status.update("idle orchestrator …")
        pid = data_dir.pid()
        assert pid is not None
        used = idle.measure(pid, seconds=IDLE_S)
        status.update("submit → result, beside docker run …")
        with Client(url=data_dir.endpoint(), api_key=data_dir.api_key()) as client:
            times = cold.measure(client, "bench/noop", image, docker, rounds=ROUNDS)
            status.update("death → known …")
            death_ms = death.measure(client, "bench/sleep", docker, rounds=ROUNDS)
            status.update("chained calls, our SDK and the official ones …")
            chained_ms = chained.measure(client, ORCHESTRATOR, data_dir.path)
        status.update("shim …")
        bare_ms, shim_ms = shim.measure(image, docker, rounds=ROUNDS)
        status.update(f"killed with {recovery.RUNS} runs in flight …")
        back = recovery.measure(data_dir, "bench/sleep", "bench/noop", lambda: _up(data_dir))
    with Console(stderr=True).status("submit rate …"):
        rate = submit.measure_per_s()
    with Console(stderr=True).status("store commands of a run …"):
        at_store = list(store.rows())
    with Console(stderr=True).status("100,000 runs: some minutes …"):
        at_scale = list(scale.rows())
    run_ms, docker_ms, no_network_ms = median(times.run_ms), median(times.docker_ms), median(times.docker_no_network_ms)
    table.add_row(
        "submit → result, cold", _ms(run_ms), f"docker run --rm {_ms(docker_ms)}", f"{run_ms / docker_ms:.2f}", "≤ 1.5"
    )
    table.add_row("", f"p90 {_ms(quantiles(times.run_ms, n=10)[8])}", f"the same without network {_ms(no_network_ms)}")
    table.add_row(
        "shim: process start → ready",
        _ms(shim_ms),
        f"python -c pass {_ms(bare_ms)}",
        f"+{shim_ms - bare_ms:.0f} ms",
        "≤ +60 ms",
    )
    table.add_row(
        "container killed → its run's end", _ms(median(death_ms)), f"worst {_ms(max(death_ms))}", "", "≤ 2000 ms"
    )
    for sdk, call_ms in chained_ms.items():
        ratio = f"{call_ms / chained_ms['our own']:.2f}"
        table.add_row(f"chained no-op, cold, {sdk}", _ms(call_ms), "parent and child the same", ratio, "")
    table.add_row(
        f"killed with {recovery.RUNS} runs in flight",
        f"{back.working_s:.1f} s",
        f"serves after {back.serving_s:.1f} s, {back.lost} lost",
        "",
        "≤ 3 s",
    )
    table.add_row("runs accepted by the API", f"{rate:.0f}/s", "", "", "≥ 500/s")
    table.add_row("idle orchestrator, CPU", f"{used.cpu_percent:.2f} %", "", "", "< 1 %")
    table.add_row("idle orchestrator, memory", f"{used.memory_mib:.0f} MiB", "", "", "< 150 MiB")
    for row in (*at_store, *at_scale):
        table.add_row(*row)
    Console(width=110).print(table)


def _ms(value: float) -> str:
    return f"{value:.0f} ms"


@contextmanager
def _instance() -> Iterator[DataDir]:
    """An orchestrator of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="orchestrator-bench-") as home:
        data_dir = DataDir(Path(home) / "data")
        _up(data_dir)
        try:
            yield data_dir
        finally:
            _orchestrator(data_dir, "down")


def _deploy(data_dir: DataDir, docker: str) -> str:
    """Deploy the no-op task; the id of its image."""
    with tempfile.TemporaryDirectory() as repo:
        (Path(repo) / "main.py").write_text(NOOP)
        _orchestrator(data_dir, "deploy", repo, "--name", "bench")
    command = [docker, "images", "--quiet", "--no-trunc", "--filter", "label=orchestrator.digest"]
    return subprocess.check_output(command, text=True).splitlines()[0]


def _up(data_dir: DataDir) -> None:
    _orchestrator(data_dir, "up", "--detach", "--port", "0")


def _orchestrator(data_dir: DataDir, *arguments: str) -> None:
    command = [*ORCHESTRATOR, *arguments, "--data-dir", str(data_dir.path)]
    environment = {"ORCHESTRATOR_WARM": "off", **os.environ, **recovery.ROOM}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


main()
