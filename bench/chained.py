"""What a chained no-op call costs, with our SDK and with official ones as parent and child; every container starts cold."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from orchestrator_sdk import Client

CALLS: Final = 5
"""One after the other, in one parent."""
SDKS: Final = {
    "our own": (None, "orchestrator_sdk", "", "noop()"),
    "official 0.8": ("render_sdk==0.8.0", "render_sdk", "", "noop()"),
    "official 1.5": ("render==1.5.0", "render", "ctx: TaskContext", "ctx.run(noop)"),
}
_PROGRAM: Final = """
import time
from {package} import {names}

app = Workflows()

@app.task
def noop({context}) -> None:
    pass

@app.task
async def calls({context}) -> list:
    taken_ms = []
    for _ in range({count}):
        begin = time.perf_counter()
        await {call}
        taken_ms.append((time.perf_counter() - begin) * 1000)
    return taken_ms

if __name__ == "__main__":
    app.start()
"""


def measure(client: Client, orchestrator: tuple[str, ...], data_dir: Path) -> dict[str, float]:
    """Median milliseconds from the call to its value in the parent, by SDK; the first call, which warms caches, is not counted."""
    return {name: _measure(client, name, [*orchestrator], data_dir) for name in SDKS}


def _measure(client: Client, name: str, orchestrator: list[str], data_dir: Path) -> float:
    requirement, package, context, call = SDKS[name]
    workflow = f"chained-{package.replace('_', '-')}"
    with tempfile.TemporaryDirectory() as repo:
        names = "TaskContext, Workflows" if context else "Workflows"
        text = _PROGRAM.format(package=package, names=names, context=context, call=call, count=CALLS + 1)
        (Path(repo) / "main.py").write_text(text)
        if requirement:
            (Path(repo) / "requirements.txt").write_text(f"{requirement}\n")
        command = [*orchestrator, "deploy", repo, "--name", workflow, "--data-dir", str(data_dir)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    results = client.run(f"{workflow}/calls", [], timeout_s=120).results
    return float(median(results[1:]))
