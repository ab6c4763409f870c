"""What the shim adds to a bare Python inside a container, from process start to its ``ready`` frame."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from statistics import median

_DRIVER = Path(__file__).with_name("shim_driver.py")


def measure(image: str, docker: str, *, rounds: int) -> tuple[float, float]:
    """The medians of ``python -c pass`` and of the shim, in ms, in one container with the standard plan's caps."""
    caps = ["--cpu-period=100000", "--cpu-quota=100000", "--memory=2g", "--memory-swap=2g", "--network=none"]
    command = [
        docker,
        "run",
        "--rm",
        "-i",
        *caps,
        "--entrypoint",
        "/opt/venv/bin/python",
        image,
        "-I",
        "-",
        str(rounds),
    ]
    answer = subprocess.run(command, input=_DRIVER.read_text(), capture_output=True, text=True, check=True).stdout
    times = json.loads(answer)
    return median(times["pass_ms"]), median(times["shim_ms"])
