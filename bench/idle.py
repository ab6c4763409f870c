"""What an orchestrator with nothing to do costs."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Idle:
    """CPU in percent of one core, resident memory in MiB."""

    cpu_percent: float
    memory_mib: float


def measure(pid: int, *, seconds: float) -> Idle:
    """Watch the process for so long."""
    before, start = _cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    used_s, elapsed_s = _cpu_s(pid) - before, time.monotonic() - start
    return Idle(100 * used_s / elapsed_s, _resident_bytes(pid) / 1024 / 1024)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
