"""What is known of an attempt's container: what it used, what it was made of, and when it did what.

Nothing is guessed: what was not seen is None. Measured from outside the container, never by its own word, save `load_ms` and how
long the task's code worked. Moments are by the orchestrator's clock, and the engine's for what the engine did before we looked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from orchestrator.core.plans import MIB, next_larger

NEAR: Final = 0.9
"""The part of the memory limit from which a larger plan is suggested."""
THROTTLED: Final = 0.25
"""The part of the time it worked from which a larger plan is suggested."""
_SHORT_MS: Final = 2_000
"""An attempt below this is throttled while it loads, whatever its task does."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the kernel counted for the container; memory is without page cache.

    `oom_kills` are processes killed for memory, children included.
    """

    peak_memory_bytes: int | None = None
    cpu_ms: int | None = None
    throttled_ms: int | None = None
    oom_kills: int | None = None


UNMEASURED: Final = Measured()


@dataclass(frozen=True, slots=True)
class Forensics:
    """What one attempt leaves for those who ask why; `load_ms` is from the process's start until user code was loaded.

    A container that was started ahead was `ready` when its attempt found it so. `first_line_at_ms` is when the task's code was
    given the assignment. `acknowledged_at_ms` and `removed_at_ms` lie after the attempt's end, and are kept beside the run.
    """

    image: str | None = None
    memory_limit_bytes: int | None = None
    created_at_ms: int | None = None
    container_started_at_ms: int | None = None
    ready_at_ms: int | None = None
    first_line_at_ms: int | None = None
    acknowledged_at_ms: int | None = None
    removed_at_ms: int | None = None
    load_ms: int | None = None
    measured: Measured = UNMEASURED
    is_warm: bool = False
    """Whether the container was started before its run was claimed."""


UNSEEN: Final = Forensics()


def first_line_at_ms(worked_ms: float | None, assigned_at_ms: int | None, now_ms: int) -> int | None:
    """When the task's code was given the assignment, by what its container says it has worked until now; not before we sent it."""
    if worked_ms is None or assigned_at_ms is None:
        return None
    return max(assigned_at_ms, now_ms - int(min(max(worked_ms, 0), now_ms)))


def advice(found: Forensics, plan: str, working_ms: int | None) -> tuple[str, ...]:
    """What a person should know about an attempt on `plan` that worked for `working_ms`; mostly nothing."""
    return tuple(filter(None, (_memory(found, plan), _killed(found.measured), _throttled(found, plan, working_ms))))


def _memory(found: Forensics, plan: str) -> str:
    peak, limit = found.measured.peak_memory_bytes, found.memory_limit_bytes
    if peak is None or limit is None or peak < NEAR * limit:
        return ""
    return f"memory: peak {peak // MIB} of {limit // MIB} MiB{_consider(plan)}"


def _killed(measured: Measured) -> str:
    if not measured.oom_kills:
        return ""
    count = measured.oom_kills
    return (
        f"memory: {count} {'process was' if count == 1 else 'processes were'} killed for using more than the plan has"
    )


def _throttled(found: Forensics, plan: str, working_ms: int | None) -> str:
    throttled_ms = found.measured.throttled_ms
    if throttled_ms is None or working_ms is None or working_ms < _SHORT_MS:
        return ""
    # Each CPU's wait is counted, so threads can wait longer than time passes.
    part = min(1.0, throttled_ms / working_ms)
    return f"CPU: throttled {part:.0%} of the time{_consider(plan)}" if part >= THROTTLED else ""


def _consider(plan: str) -> str:
    larger = next_larger(plan)
    return f": consider {larger.name}" if larger else ""
