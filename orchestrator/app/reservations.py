"""How much of the host runs get: what is reserved for each, what all may use together, and what the host keeps."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Final

from orchestrator.app.settings import Settings
from orchestrator.core.container.spec import PIDS_LIMIT
from orchestrator.core.plans import GIB, MIB, format_bytes
from orchestrator.core.scheduling.capacity import UNBOUNDED, Amount, Reservation
from orchestrator.engine.base import Engine, EngineInfo
from orchestrator.host.disks import Disks
from orchestrator.host.memory import HostMemory
from orchestrator.redis.client import Client

log = logging.getLogger(__name__)

_KEPT_FOR_CONTROL_PLANE_BYTES: Final = GIB
_KEPT_FOR_CONTROL_PLANE_PIDS: Final = 4096
_RESERVE_MOST_BYTES: Final = 512 * MIB
_RESERVE_PART: Final = 16
_TREE_PART: Final = 4
_STARTS_MIN: Final = 4
_STARTS_PER_CPU: Final = 3
"""`python -m bench.starts` on two CPUs: more than six at once start no more in a second, and each takes longer."""

_SPARE_MOST: Final = 12
"""Each is a container that sleeps."""


def capacity(settings: Settings, info: EngineInfo) -> Amount:
    """What runs may reserve together."""
    cpu_millis = round(settings.capacity_cpus * 1000) if settings.capacity_cpus else info.cpu_millis
    by_default = max(GIB, info.memory_bytes - _KEPT_FOR_CONTROL_PLANE_BYTES)
    memory_bytes = settings.capacity_memory_bytes or by_default
    pids = UNBOUNDED if info.pids is None else max(PIDS_LIMIT, info.pids - _KEPT_FOR_CONTROL_PLANE_PIDS)
    return Amount(cpu_millis, memory_bytes, settings.capacity_pids or pids)


def disks(settings: Settings, info: EngineInfo) -> Disks:
    """Where containers and the instance write."""
    paths = (settings.data_dir, info.disk) if info.disk else (settings.data_dir,)
    return Disks(paths, settings.disk_reserve_bytes)


async def reservation(settings: Settings, engine: Engine, info: EngineInfo) -> Reservation:
    """How much of a plan a run reserves: of memory what its task needs only where all together have a limit."""
    why_not = await _confine(settings, engine, info)
    if why_not:
        log.warning("run containers have no common limit of memory, so each reserves its plan's: %s", why_not)
    return Reservation(settings.cpu_overcommit, settings.memory_reservation == "seen" and not why_not)


async def _confine(settings: Settings, engine: Engine, info: EngineInfo) -> str:
    by_default = max(info.memory_bytes // 2, info.memory_bytes - _KEPT_FOR_CONTROL_PLANE_BYTES)
    limit_bytes = by_default if settings.memory_limit_bytes is None else settings.memory_limit_bytes
    return await engine.confine(limit_bytes) if limit_bytes else "ORCHESTRATOR_MEMORY_LIMIT_BYTES is 0"


async def tree_bytes(settings: Settings, store: Client) -> int | None:
    """What one tree of runs may hold of the store; None where neither the settings nor the store have a limit."""
    if settings.tree_memory_bytes is not None:
        return settings.tree_memory_bytes or None
    return int((await store.info("memory"))["maxmemory"]) // _TREE_PART or None


def lack_of_memory(settings: Settings, info: EngineInfo) -> Callable[[], str]:
    """Why the host's own memory forbids a start, at any moment; nothing where the engine's host is another."""
    if info.pids is None:
        return lambda: ""
    by_default = min(_RESERVE_MOST_BYTES, info.memory_bytes // _RESERVE_PART)
    reserve_bytes = settings.host_memory_reserve_bytes
    return HostMemory(
        by_default if reserve_bytes is None else reserve_bytes, settings.host_memory_pressure_percent
    ).lack


def spare_namespaces(settings: Settings) -> int:
    """How many network namespaces wait for the first burst: one for each container that is started at once, within reason."""
    return min(_SPARE_MOST, settings.parallel_starts or _starts_on((os.cpu_count() or 1) * 1000))


def parallel_starts(settings: Settings, info: EngineInfo) -> int:
    """How many containers are being started at once."""
    return settings.parallel_starts or _starts_on(info.cpu_millis)


def _starts_on(cpu_millis: int) -> int:
    return max(_STARTS_MIN, _STARTS_PER_CPU * cpu_millis // 1000)


def described(given: Reservation) -> str:
    """What a run reserves, for people."""
    cpu = "its plan's CPU" if given.cpu_share == 1 else f"{given.cpu_share:.0%} of its plan's CPU"
    return f"{cpu}, and the memory its {'task is seen to need' if given.memory_by_need else 'plan has'}"


def describe(capacity: Amount) -> str:
    """A capacity, for people."""
    pids = "" if capacity.pids == UNBOUNDED else f", {capacity.pids:,} processes"
    return f"{capacity.cpu_millis / 1000:g} CPUs, {format_bytes(capacity.memory_bytes)}{pids}"
