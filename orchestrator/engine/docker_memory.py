"""How much memory a container's processes hold: from its cgroup when that is on this host, else from Docker.

Docker samples once a second and answers after the next sample, so asking it takes up to a second; the kernel's own files take
a tenth of a millisecond. A container's id is in its cgroup's path, so what is found there is surely that container's.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

_CGROUPS: Final = (
    "memory/docker/{id}",
    "memory/system.slice/docker-{id}.scope",
    "docker/{id}",
    "system.slice/docker-{id}.scope",
)
"""cgroup v1 and v2, each with Docker's own cgroup driver and with systemd's."""


def memory_used_bytes(client: Any, container_id: str, root: Path = Path("/sys/fs/cgroup")) -> int:
    """The memory in use now; 0 when it does not run. Blocks."""
    for pattern in _CGROUPS:
        with suppress(OSError):
            return _from_files(root / pattern.format(id=container_id))
    return from_stats(client.stats(container_id, stream=False, one_shot=True))


def from_stats(stats: Mapping[str, Any]) -> int:
    """The same from Docker's "stats"."""
    memory = stats.get("memory_stats") or {}
    return _without_page_cache(memory.get("usage", 0), memory.get("stats") or {})


def _from_files(cgroup: Path) -> int:
    pairs = (line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
    parts = {name: int(value) for name, value in pairs}
    usage = cgroup / ("memory.current" if "anon" in parts else "memory.usage_in_bytes")
    return _without_page_cache(int(usage.read_text()), parts)


def _without_page_cache(usage_bytes: int, parts: Mapping[str, int]) -> int:
    """Files that are only cached are taken back by the kernel on demand; version 1 sums them up under names of its own."""
    prefix = "total_" if "total_inactive_file" in parts else ""
    cached_bytes = parts.get(f"{prefix}inactive_file", 0) + parts.get(f"{prefix}active_file", 0)
    return max(0, usage_bytes - cached_bytes)
