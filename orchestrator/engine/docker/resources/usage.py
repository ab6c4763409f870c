"""How much a container's processes hold: from its cgroup when that is on this host, else from Docker.

Docker samples once a second and answers after the next sample, so asking it takes up to a second; the kernel's own files take
a tenth of a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.core.container.spec import Usage
from orchestrator.host.cgroup import Cgroup, without_page_cache


def in_use(group: Cgroup | None) -> Usage | None:
    """What the cgroup's processes use now; None when it is not there."""
    memory_bytes, pids = (group.memory_bytes(), group.pids()) if group else (None, None)
    return None if memory_bytes is None or pids is None else Usage(memory_bytes, pids)


def from_stats(stats: Mapping[str, Any]) -> Usage:
    """The same from Docker's "stats"."""
    memory = stats.get("memory_stats") or {}
    pids = stats.get("pids_stats") or {}
    return Usage(without_page_cache(memory.get("usage", 0), memory.get("stats") or {}), pids.get("current", 0))
