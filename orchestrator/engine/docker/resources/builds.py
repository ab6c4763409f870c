"""Limits for what images are built by: the cgroup below which BuildKit runs every step of a build.

Docker before 23 knows one such group for all builds on a host, and takes no other: its limits are then those of all of them
together, whoever asked for them. Later ones are told a group of ours (``--cgroup-parent``), of this instance's builds alone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from orchestrator.engine.docker.resources.parent import ParentGroup
from orchestrator.host import cgroup
from orchestrator.host.memory_group import MemoryGroup

log = logging.getLogger(__name__)

PIDS_LIMIT: Final = 4_096
"""Processes and threads; the whole host has 32,768 by default. Compilers on many CPUs start hundreds."""
_WEIGHTS: Final = {1: ("cpu", "cpu.shares", 256), 2: ("", "cpu.weight", 25)}
"""By version of cgroups: a quarter of one run's weight, so that runs come first where all want more than there is."""
_OF_DOCKER: Final = "docker/buildkit"
_TAKES_A_PARENT: Final = 23


class BuildGroup:
    """Of one instance."""

    def __init__(self, instance: str, memory_bytes: int | None, root: Path = cgroup.ROOT) -> None:
        """`memory_bytes` for all steps together: half of the host's when None, no limit when 0."""
        self._memory_bytes = memory_bytes
        self._own = ParentGroup(f"{instance}builds")
        self._root = root
        self._why_not = ""

    async def confine(self, engine: Mapping[str, Any]) -> str:
        """Set the limits anew, for the engine that says this about itself; what `docker build` is told as parent, or nothing."""
        memory_bytes = int(engine["MemTotal"]) // 2 if self._memory_bytes is None else self._memory_bytes
        if not memory_bytes:
            return ""
        if int(str(engine["ServerVersion"]).partition(".")[0]) >= _TAKES_A_PARENT:
            self._note(await self._own.confine(engine, memory_bytes))
            return self._own.name
        self._note(self._confine_all(engine, memory_bytes))
        return ""

    async def remove(self) -> None:
        """Remove what is this instance's alone."""
        with suppress(OSError, TimeoutError):
            await self._own.remove()

    def _confine_all(self, engine: Mapping[str, Any], memory_bytes: int) -> str:
        if engine.get("CgroupDriver") != "cgroupfs":
            return "a Docker before 23 that leaves cgroups to systemd has no group for builds"
        version = int(engine.get("CgroupVersion") or 1)
        controller, weight, value = _WEIGHTS[version]
        group = MemoryGroup(_OF_DOCKER, version, self._root)
        try:
            group.make(memory_bytes)
            self._write("pids" if version == 1 else "", "pids.max", PIDS_LIMIT)
            self._write(controller, weight, value)
        except OSError as error:
            return str(error)
        finally:
            group.close()
        return ""

    def _write(self, controller: str, file: str, value: int) -> None:
        folder = self._root / controller / _OF_DOCKER
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(str(value))

    def _note(self, why_not: str) -> None:
        if why_not and why_not != self._why_not:
            log.warning("builds have no limits of memory and processes: %s", why_not)
        self._why_not = why_not
