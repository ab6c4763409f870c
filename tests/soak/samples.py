"""What an orchestrator holds, looked at again and again, and whether that grows; pure but for the looking."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Final

from orchestrator.host import processes


@dataclass(frozen=True, slots=True)
class Sample:
    """At one time: memory and open files of the process, memory of its Redis without the feed, disk of the data directory."""

    resident_mib: float
    files: float
    store_mib: float
    disk_mib: float


NAMES: Final = tuple(field.name for field in fields(Sample))
SLACK: Final = Sample(resident_mib=24, files=32, store_mib=16, disk_mib=160)
"""What each may differ without having grown: caches that fill, the store's file between two times that it is written anew."""
_SHARE: Final = 0.1


def look(pid: int, store_bytes: int, home: Path) -> Sample:
    """A sample of now."""
    disk_bytes = sum(_size(Path(folder, name)) for folder, _, names in os.walk(home) for name in names)
    resident_bytes, files = processes.resident_bytes(pid), sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Sample(resident_bytes / 2**20, files, store_bytes / 2**20, disk_bytes / 2**20)


def _size(file: Path) -> int:
    try:
        return file.lstat().st_blocks * 512
    except OSError:  # it is gone already
        return 0


def growth(samples: Sequence[Sample]) -> dict[str, float]:
    """By how much each was more in the last quarter than in the second, where the load had come to its height; medians."""
    quarter = len(samples) // 4
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    return {
        name: statistics.median(getattr(one, name) for one in late)
        - statistics.median(getattr(one, name) for one in early)
        for name in NAMES
    }


def grown(samples: Sequence[Sample]) -> list[str]:
    """The names of what went on growing."""
    quarter = len(samples) // 4
    early = {name: statistics.median(getattr(one, name) for one in samples[quarter : 2 * quarter]) for name in NAMES}
    allowed = dict(zip(NAMES, astuple(SLACK), strict=True))
    return [name for name, more in growth(samples).items() if more > max(allowed[name], _SHARE * early[name])]
