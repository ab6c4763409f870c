"""What the host of a Docker engine offers beside CPU and memory, where that host is this one."""

from __future__ import annotations

import resource
from contextlib import suppress
from pathlib import Path
from typing import Final

_KERNEL_LIMITS: Final = (Path("/proc/sys/kernel/pid_max"), Path("/proc/sys/kernel/threads-max"))


def pids(url: str, limits: tuple[Path, ...] = _KERNEL_LIMITS) -> int | None:
    """How many processes and threads its kernel allows, None where it is another host's."""
    if not url.startswith("unix://"):
        return None
    with suppress(OSError):
        return min(int(limit.read_text()) for limit in limits)
    return None


def disk(url: str, root_dir: str) -> Path | None:
    """Where containers write, None where that is on another host or in a virtual machine."""
    path = Path(root_dir)
    return path if url.startswith("unix://") and path.is_absolute() and path.exists() else None


def open_files(wanted: int) -> int:
    """So many, or what processes of this host may have at most: where that is less for us, Docker cannot give more, either."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if most == resource.RLIM_INFINITY else min(wanted, most)
