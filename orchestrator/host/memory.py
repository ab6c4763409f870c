"""The memory of this machine, whoever uses it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from orchestrator.core.plans import format_bytes

MEMINFO: Final = Path("/proc/meminfo")
PRESSURE: Final = Path("/proc/pressure/memory")
_ROOMY: Final = 0.25
"""With so much of it available no pressure is the host's own: a container at its own cap makes some, too."""
_KIB: Final = 1024


def total_bytes() -> int:
    """All of it."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@dataclass(frozen=True, slots=True)
class HostMemory:
    """What must be true of it for more to start: so much stays free, and tasks wait for memory no more than so much of the time.

    `pressure_percent` is of the last ten seconds (PSI, "some avg10"). What a kernel does not tell forbids nothing.
    """

    reserve_bytes: int
    pressure_percent: float
    meminfo: Path = MEMINFO
    pressure: Path = PRESSURE

    def lack(self) -> str:
        """Why nothing may start now, and nothing when it may."""
        total, available = self._kib("MemTotal"), self._kib("MemAvailable")
        if total is None or available is None:
            return ""
        if available < self.reserve_bytes:
            return (
                f"{format_bytes(available)} of the host's memory are free, and {format_bytes(self.reserve_bytes)} must "
                "stay free (ORCHESTRATOR_HOST_MEMORY_RESERVE_BYTES)"
            )
        waited = self._waited_percent()
        if waited > self.pressure_percent and available < _ROOMY * total:
            return f"the host waits for memory {waited:.0f} % of the time (ORCHESTRATOR_HOST_MEMORY_PRESSURE_PERCENT)"
        return ""

    def _kib(self, name: str) -> int | None:
        with suppress(OSError, ValueError, StopIteration):
            lines = self.meminfo.read_text().splitlines()
            return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) * _KIB
        return None

    def _waited_percent(self) -> float:
        with suppress(OSError, ValueError, IndexError):
            return float(self.pressure.read_text().split("avg10=")[1].split()[0])
        return 0.0
