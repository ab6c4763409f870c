"""What the kernel counts for a group of processes: the files of its cgroup, of version 1 or 2.

They are gone with the group's last process. Kernels differ in what they have: what is not there is None.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path("/sys/fs/cgroup")

_FILE_LIMIT_BYTES: Final = 64 * 1024
"""Of a file in a cgroup: some lines."""
_NS_PER_MS: Final = 1_000_000
_US_PER_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Cgroup:
    """One group: a folder below each controller's in version 1, a folder in version 2. Each number is read anew."""

    root: Path
    name: str
    version: int

    def memory_bytes(self) -> int | None:
        """In use now."""
        file = "memory.usage_in_bytes" if self.version == 1 else "memory.current"
        return self._without_page_cache(number(self._file("memory", file)))

    def peak_memory_bytes(self) -> int | None:
        """The most that was in use; as much as is cached now is taken off, for the kernel's peak counts it."""
        file = "memory.max_usage_in_bytes" if self.version == 1 else "memory.peak"
        return self._without_page_cache(number(self._file("memory", file)))

    def pids(self) -> int | None:
        """Processes and threads now."""
        return number(self._file("pids", "pids.current"))

    def cpu_ms(self) -> int | None:
        """CPU time used."""
        if self.version == 1:
            return _scaled(number(self._file("cpuacct", "cpuacct.usage")), _NS_PER_MS)
        return _scaled(table(self._file("cpu", "cpu.stat")).get("usage_usec"), _US_PER_MS)

    def throttled_ms(self) -> int | None:
        """Time it wanted to run and was not let, for it had used its share."""
        stat = table(self._file("cpu", "cpu.stat"))
        if self.version == 1:
            return _scaled(stat.get("throttled_time"), _NS_PER_MS)
        return _scaled(stat.get("throttled_usec"), _US_PER_MS)

    def oom_kills(self) -> int | None:
        """Processes that were killed for want of memory."""
        file = "memory.oom_control" if self.version == 1 else "memory.events"
        return table(self._file("memory", file)).get("oom_kill")

    def _file(self, controller: str, name: str) -> str:
        """Its path, as text: made of `Path`s, the names would cost more than what is read."""
        return (
            f"{self.root}/{controller}/{self.name}/{name}" if self.version == 1 else f"{self.root}/{self.name}/{name}"
        )

    def _without_page_cache(self, memory_bytes: int | None) -> int | None:
        if memory_bytes is None:
            return None
        return without_page_cache(memory_bytes, table(self._file("memory", "memory.stat")))


def find(names: Iterable[str], root: Path = ROOT) -> Cgroup | None:
    """The first of the groups that is on this host."""
    for name in names:
        if (root / "memory" / name).is_dir():
            return Cgroup(root, name, version=1)
        if (root / name).is_dir():
            return Cgroup(root, name, version=2)
    return None


def without_page_cache(memory_bytes: int, parts: Mapping[str, int]) -> int:
    """Files that are only cached never kill anybody: the kernel takes them back on demand.

    `parts` is the table "memory.stat"; version 1 has the sums of a group and those below it under names of their own.
    """
    prefix = "total_" if "total_inactive_file" in parts else ""
    cached_bytes = parts.get(f"{prefix}inactive_file", 0) + parts.get(f"{prefix}active_file", 0)
    return max(0, memory_bytes - cached_bytes)


def number(file: str | Path) -> int | None:
    """The number in a file of the kernel's; None where there is none."""
    with suppress(OSError, ValueError):
        return int(_read(file))
    return None


def table(file: str | Path) -> Mapping[str, int]:
    """The numbers by name in a file of the kernel's; none where there is no such file."""
    with suppress(OSError, ValueError):
        return {name.decode(): int(value) for name, value in (line.split() for line in _read(file).splitlines())}
    return {}


def _read(file: str | Path) -> bytes:
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _FILE_LIMIT_BYTES)
    finally:
        os.close(descriptor)


def _scaled(value: int | None, unit: int) -> int | None:
    return None if value is None else value // unit
