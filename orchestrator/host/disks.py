"""The file systems that fill while runs work."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orchestrator.core.scheduling.capacity import UNBOUNDED


def free_bytes(folder: Path) -> int:
    """What may still be written to the disk of a folder. Raises OSError."""
    return shutil.disk_usage(folder).free


def disk_bytes(folder: Path) -> tuple[int, int] | None:
    """What is free of the disk of a folder, and all of it; None when that cannot be told."""
    try:
        found = shutil.disk_usage(folder)
    except OSError:
        return None
    return found.free, found.total


@dataclass(frozen=True, slots=True)
class Disks:
    """Where containers and the instance itself write; `reserve_bytes` must stay free on each of them."""

    paths: tuple[Path, ...]
    reserve_bytes: int

    def free_bytes(self) -> int:
        """What may still be written to the fullest, less than 0 once it eats into the reserve."""
        free = UNBOUNDED
        for path in self.paths:
            with suppress(OSError):
                free = min(free, free_bytes(path))
        return free - self.reserve_bytes
