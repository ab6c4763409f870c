"""What a pending run waits for, in words."""

from __future__ import annotations

from orchestrator.core.plans import format_bytes
from orchestrator.core.scheduling.capacity import Amount
from orchestrator.core.scheduling.dispatch import Hindrance, Lack

STARTING = "its container, which is being started"


def retry(due_at_ms: int, now_ms: int) -> str:
    """Between two attempts: ``retry in 3.2 s``, ``retry in 2 min``."""
    left_s = max(0, due_at_ms - now_ms) / 1000
    return f"retry in {left_s:.1f} s" if left_s < 60 else f"retry in {left_s / 60:.0f} min"


def hindrance(found: Hindrance, capacity: Amount) -> str:
    """Why the next run does not start: ``7.5 GiB of 8 GiB of memory are reserved``."""
    taken = found.taken
    match found.lack:
        case Lack.DISK:
            return "the disk is nearly full"
        case Lack.HOST_MEMORY:
            return "the host is short of memory"
        case Lack.STARTS:
            return f"{found.starting} other containers are being started"
        case Lack.CPU:
            return f"{taken.cpu_millis / 1000:g} of {capacity.cpu_millis / 1000:g} CPUs are reserved"
        case Lack.MEMORY:
            return f"{format_bytes(taken.memory_bytes)} of {format_bytes(capacity.memory_bytes)} of memory are reserved"
        case Lack.PROCESSES:
            return f"{taken.pids:,} of {capacity.pids:,} processes are reserved"


def turn(why: str | None, ahead: int) -> str:
    """In the queue: why the next run does not start, where that is known, and how many are likely to go before this one."""
    parts = [why or "its turn", f"{ahead:,} ahead" if ahead else ""]
    return ", ".join(part for part in parts if part)


def paused(what: str, reason: str) -> str:
    """Until somebody lets it go on: ``its task is paused: the bank is closed``."""
    return f"its {what} is paused: {reason}" if reason else f"its {what} is paused"
