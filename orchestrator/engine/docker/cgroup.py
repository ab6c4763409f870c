"""What the kernel counted for a container: its cgroup's files, when they are on this host.

They are gone with the container's last process, so ask while it lives. Kernels differ in what they have: what is not there is
None.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from orchestrator.core.container.forensics import Measured

ROOT: Final = Path("/sys/fs/cgroup")
_NAMES: Final = ("docker/{id}", "system.slice/docker-{id}.scope")
"""With Docker's own cgroup driver and with systemd's."""


def measure(container_id: str, root: Path = ROOT) -> Measured:
    """What it has used so far; nothing when it does not run here. Blocks for a tenth of a millisecond."""
    for name in (name.format(id=container_id) for name in _NAMES):
        if (root / "memory" / name).is_dir():
            return _version_1(root, name)
        if (root / name).is_dir():
            return _version_2(root / name)
    return Measured()


def _version_1(root: Path, name: str) -> Measured:
    memory, cpu = root / "memory" / name, root / "cpu" / name
    return Measured(
        peak_memory_bytes=_peak(memory, "memory.max_usage_in_bytes", "total_"),
        cpu_ms=_scaled(_number(root / "cpuacct" / name / "cpuacct.usage"), 1_000_000),
        throttled_ms=_scaled(_table(cpu / "cpu.stat").get("throttled_time"), 1_000_000),
        oom_kills=_table(memory / "memory.oom_control").get("oom_kill"),
    )


def _version_2(cgroup: Path) -> Measured:
    cpu = _table(cgroup / "cpu.stat")
    return Measured(
        peak_memory_bytes=_peak(cgroup, "memory.peak", ""),
        cpu_ms=_scaled(cpu.get("usage_usec"), 1_000),
        throttled_ms=_scaled(cpu.get("throttled_usec"), 1_000),
        oom_kills=_table(cgroup / "memory.events").get("oom_kill"),
    )


def _peak(cgroup: Path, file: str, prefix: str) -> int | None:
    """The kernel's peak counts cached files, which never kill anybody: as much as is cached now is taken off."""
    peak, parts = _number(cgroup / file), _table(cgroup / "memory.stat")
    if peak is None:
        return None
    return max(0, peak - parts.get(f"{prefix}inactive_file", 0) - parts.get(f"{prefix}active_file", 0))


def _number(file: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(file.read_text())
    return None


def _table(file: Path) -> Mapping[str, int]:
    with suppress(OSError, ValueError):
        return {name: int(value) for name, value in (line.split() for line in file.read_text().splitlines())}
    return {}


def _scaled(value: int | None, unit: int) -> int | None:
    return None if value is None else value // unit
