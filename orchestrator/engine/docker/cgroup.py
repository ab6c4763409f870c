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

_NAMES: Final = ("docker/{id}", "system.slice/docker-{id}.scope")
"""With Docker's own cgroup driver and with systemd's."""


def of_container(container_id: str, root: Path = cgroup.ROOT) -> Cgroup | None:
    """None when it does not run here."""
    return cgroup.find((name.format(id=container_id) for name in _NAMES), root)


def measure(container_id: str, root: Path = cgroup.ROOT) -> Measured:
    """What it has used so far; nothing when it does not run here. Blocks for a tenth of a millisecond."""
    found = of_container(container_id, root)
    if found is None:
        return Measured()
    return Measured(
        peak_memory_bytes=found.peak_memory_bytes(),
        cpu_ms=found.cpu_ms(),
        throttled_ms=found.throttled_ms(),
        oom_kills=found.oom_kills(),
    )
