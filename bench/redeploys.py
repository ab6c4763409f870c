"""How long a redeploy takes: ``python -m bench.redeploys`` times the command, for one file and beside 20,000 others.

``same`` changes nothing, ``code`` a line of the program: the image is there already, or only its last layer is made.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from orchestrator.app.data_dir import DataDir
from orchestrator.cli.bench.own import own_orchestrator
from orchestrator.cli.bench.program import MAIN

ROUNDS: Final = 3
FILES: Final = (0, 20_000)
PER_FOLDER: Final = 200
GOALS_S: Final = {(0, "same"): 1, (0, "code"): 3, (20_000, "same"): 6, (20_000, "code"): 6}


def measure(home: DataDir, folder: Path, files: int) -> dict[str, float]:
    """Of each kind the median of seconds, after a first deploy."""
    for number in range(files):
        path = folder / "data" / str(number // PER_FOLDER) / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"row {number}\n")
    _deploy_s(home, folder, "first")
    return {
        kind: median(_deploy_s(home, folder, f"{kind} {number}" if kind == "code" else "") for number in range(ROUNDS))
        for kind in ("same", "code")
    }


def _deploy_s(home: DataDir, folder: Path, change: str) -> float:
    if change:
        (folder / "main.py").write_text(f"{MAIN}\n# {change}\n")
    began_s = time.monotonic()
    command = (sys.executable, "-m", "orchestrator", "deploy", folder, "--name", "bench-redeploys")
    subprocess.run((*command, "--data-dir", home.path), check=True, capture_output=True)
    return time.monotonic() - began_s


def main() -> None:
    """Measure and print."""
    table = Table("files beside", "what changed", "takes", "goal")
    with own_orchestrator(warm="off") as own:
        for files in FILES:
            with tempfile.TemporaryDirectory(prefix="orchestrator-bench-") as folder:
                for kind, took_s in measure(own.data_dir, Path(folder), files).items():
                    table.add_row(f"{files:,}", kind, f"{took_s:.1f} s", f"< {GOALS_S[files, kind]} s")
    Console().print(table)


if __name__ == "__main__":
    main()
