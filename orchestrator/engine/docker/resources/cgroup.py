"""A container's cgroup, when it is on this host, and what the kernel counted for it.

It is gone with the container's last process, so ask while it lives. A container's id is in its cgroup's name, so what is found
there is surely that container's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from orchestrator.core.container.forensics import Measured
from orchestrator.host import cgroup
from orchestrator.host.cgroup import Cgroup

_PARENTS: Final = ("docker", "system.slice")
"""Docker's own choice with either cgroup driver, for containers that were given no parent."""


def of_container(container_id: str, parent: str = "", root: Path = cgroup.ROOT) -> Cgroup | None:
    """None when it does not run here; `parent` is the cgroup it was put below, as Docker was told."""
    parents = [one for one in (parent.strip("/"), *_PARENTS) if one]
    names = ("{parent}/{id}", "{parent}/docker-{id}.scope")
    return cgroup.find((name.format(parent=one, id=container_id) for one in parents for name in names), root)


def measure(group: Cgroup) -> Measured:
    """What it has used so far; nothing when it is gone. Blocks for a tenth of a millisecond."""
    return Measured(
        peak_memory_bytes=group.peak_memory_bytes(),
        cpu_ms=group.cpu_ms(),
        throttled_ms=group.throttled_ms(),
        oom_kills=group.oom_kills(),
    )
