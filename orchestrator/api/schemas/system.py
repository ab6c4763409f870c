"""The public shape of how the whole instance is."""

from __future__ import annotations

from datetime import datetime

from orchestrator.api.schemas.shape import Shape


class CpuShare(Shape):
    """All that runs may reserve, and what attempts do, in CPUs."""

    total: float
    reserved: float


class MemoryShare(Shape):
    """All that runs may reserve, what attempts do, and what they have used at most, each for itself, together."""

    total: int
    reserved: int
    used: int


class Capacity(Shape):
    """What runs may reserve of the host; `containers` are attempts in progress."""

    cpu: CpuShare
    memory_bytes: MemoryShare
    containers: int


class Waiting(Shape):
    """The pending runs of a task, and what the queued ones wait for."""

    workflow: str
    task: str
    count: int
    waits_for: str


class WarmContainers(Shape):
    """Containers started ahead for the tasks of a version that have this plan."""

    workflow: str
    version: str
    plan: str
    tasks: list[str]
    ready: int
    starting: int


class StoreMemory(Shape):
    """What the store uses, and what it may; without a limit `max_bytes` is absent."""

    used_bytes: int
    max_bytes: int | None = None


class DiskSpace(Shape):
    """Of the disk with the data directory."""

    free_bytes: int
    total_bytes: int


class Leader(Shape):
    """The orchestrator that schedules; `is_this` when it is the one that answers."""

    id: str
    is_this: bool


class SystemCheck(Shape):
    """One part, whether it is as it should be, and how it is, in words."""

    name: str
    is_ok: bool
    message: str


class System(Shape):
    """How the whole instance is. `capacity` and `warm_pool` are known to the orchestrator that schedules alone."""

    capacity: Capacity | None = None
    queued: int
    oldest_queued_at: datetime | None = None
    waiting: list[Waiting]
    warm_pool: list[WarmContainers]
    redis: StoreMemory | None = None
    disk: DiskSpace | None = None
    leader: Leader | None = None
    retention: dict[str, str]
    checks: list[SystemCheck]
