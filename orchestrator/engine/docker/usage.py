"""How much a container's processes hold: from its cgroup when that is on this host, else from Docker.

Docker samples once a second and answers after the next sample, so asking it takes up to a second; the kernel's own files take
a tenth of a millisecond. A container's id is in its cgroup's path, so what is found there is surely that container's.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from orchestrator.core.container.spec import Usage

_CGROUPS: Final = (
    "{controller}/docker/{id}",
    "{controller}/system.slice/docker-{id}.scope",
    "docker/{id}",
    "system.slice/docker-{id}.scope",
)
"""cgroup v1 and v2, each with Docker's own cgroup driver and with systemd's."""


def usage(client: Any, container_id: str, root: Path = Path("/sys/fs/cgroup")) -> Usage:
    """What is in use now; nothing when it does not run. Blocks."""
    for pattern in _CGROUPS:
        memory, pids = (root / pattern.format(controller=name, id=container_id) for name in ("memory", "pids"))
        with suppress(OSError):
            return Usage(_memory_bytes(memory), int((pids / "pids.current").read_text()))
    return from_stats(client.stats(container_id, stream=False, one_shot=True))


def from_stats(stats: Mapping[str, Any]) -> Usage:
    """The same from Docker's "stats"."""
    memory = stats.get("memory_stats") or {}
    pids = stats.get("pids_stats") or {}
    return Usage(_without_page_cache(memory.get("usage", 0), memory.get("stats") or {}), pids.get("current", 0))


def _memory_bytes(cgroup: Path) -> int:
    pairs = (line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
    parts = {name: int(value) for name, value in pairs}
    used = cgroup / ("memory.current" if "anon" in parts else "memory.usage_in_bytes")
    return _without_page_cache(int(used.read_text()), parts)


def _without_page_cache(usage_bytes: int, parts: Mapping[str, int]) -> int:
    """Files that are only cached are taken back by the kernel on demand; version 1 sums them up under names of its own."""
    prefix = "total_" if "total_inactive_file" in parts else ""
    cached_bytes = parts.get(f"{prefix}inactive_file", 0) + parts.get(f"{prefix}active_file", 0)
    return max(0, usage_bytes - cached_bytes)
