"""How much a container's processes hold: from its cgroup when that is on this host, else from Docker.

Docker samples once a second and answers after the next sample, so asking it takes up to a second; the kernel's own files take
a tenth of a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.core.container.spec import Usage
from orchestrator.engine.docker.resources.cgroup import of_container
from orchestrator.host.cgroup import ROOT, without_page_cache


def usage(client: Any, container_id: str, parent: str = "", root: Path = ROOT) -> Usage:
    """What is in use now; nothing when it does not run. `parent` is the cgroup it was put below. Blocks."""
    found = of_container(container_id, parent, root)
    memory_bytes, pids = (found.memory_bytes(), found.pids()) if found else (None, None)
    if memory_bytes is not None and pids is not None:
        return Usage(memory_bytes, pids)
    return from_stats(client.stats(container_id, stream=False, one_shot=True))


def from_stats(stats: Mapping[str, Any]) -> Usage:
    """The same from Docker's "stats"."""
    memory = stats.get("memory_stats") or {}
    pids = stats.get("pids_stats") or {}
    return Usage(without_page_cache(memory.get("usage", 0), memory.get("stats") or {}), pids.get("current", 0))
