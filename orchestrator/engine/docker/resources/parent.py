"""The cgroup above all containers of an instance, whose limit of memory leaves the host its share.

Who makes it depends on who manages cgroups for Docker: with "cgroupfs" it is a folder that we make, with "systemd" a slice that
systemd is asked for. Neither works from another host, nor without the right to do so.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from orchestrator.host.memory_group import MemoryGroup

_SYSTEMCTL_S: Final = 10.0


class ParentGroup:
    """Of one instance; containers have no common parent before `confine`."""

    def __init__(self, instance: str) -> None:
        self._instance = instance
        self._group: MemoryGroup | None = None
        self._memory_bytes = 0
        self.name = ""
        """What Docker is told; empty while there is none."""

    async def confine(self, engine: Mapping[str, Any], memory_bytes: int) -> str:
        """Make it, with this limit, for the engine that says this about itself; why it cannot be had, or nothing."""
        if engine.get("KernelVersion") != os.uname().release:
            return "the engine is on another host"
        version = int(engine.get("CgroupVersion") or 1)
        is_slice = engine.get("CgroupDriver") == "systemd"
        name = f"orchestrator{self._instance}.slice" if is_slice else f"orc-{self._instance}"
        group = MemoryGroup(name, version)
        try:
            if is_slice:
                await _make_slice(name, version, memory_bytes)
                group.limit(memory_bytes)
            else:
                group.make(memory_bytes)
        except (OSError, TimeoutError) as error:
            return f"its cgroup cannot be made: {error or 'systemctl does not answer'}"
        if self._group is not None:
            self._group.close()
        self._group, self._memory_bytes = group, memory_bytes
        self.name = name if is_slice else f"/{name}"
        return ""

    def ensure(self) -> None:
        """Make it again if another process removed it as it stopped: Docker would, but without a limit."""
        if self._group is not None and not self._group.is_there and self.name.startswith("/"):
            with suppress(OSError):
                self._group.make(self._memory_bytes)

    def shortages(self) -> int:
        """How often all together had no memory left."""
        return self._group.shortages() if self._group is not None else 0

    async def remove(self) -> None:
        """Remove it if no container is left below it."""
        if self._group is None:
            return
        if not self.name.startswith("/"):
            await _systemctl("stop", self.name)
        self._group.remove()

    def close(self) -> None:
        """Listen to it no more; it stays."""
        if self._group is not None:
            self._group.close()


async def _make_slice(name: str, version: int, memory_bytes: int) -> None:
    """Systemd forgets it, with its limit, when the host starts anew. Raises OSError, TimeoutError."""
    limit = "MemoryLimit" if version == 1 else "MemoryMax"
    await _systemctl("set-property", "--runtime", name, f"{limit}={memory_bytes}")
    await _systemctl("start", name)


async def _systemctl(*arguments: str) -> None:
    """Raises OSError, TimeoutError."""
    process = await asyncio.create_subprocess_exec(
        "systemctl", "--no-ask-password", *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(_SYSTEMCTL_S):
        _, said = await process.communicate()
    if process.returncode:
        raise OSError(said.decode(errors="replace").strip() or f"systemctl {arguments[0]} failed")
