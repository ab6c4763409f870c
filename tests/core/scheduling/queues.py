"""A host, and runs that wait for it."""

from __future__ import annotations

from orchestrator.core.plans import GIB, PLANS
from orchestrator.core.scheduling.capacity import Amount, Holder, Reservation
from orchestrator.core.scheduling.dispatch import OVERTAKEN_MS, QueuedRun, choose

HOST = Amount(2_000, 5 * GIB)
NOW_MS = 10 * OVERTAKEN_MS
PLAN_NAMES = sorted(PLANS)
SHARED = Reservation(cpu_share=0.25, memory_by_need=True)


def old(run_id: str, plan: str) -> QueuedRun:
    """A root that has waited for long."""
    return QueuedRun(run_id, plan, created_at_ms=NOW_MS - OVERTAKEN_MS)


def young(run_id: str, plan: str) -> QueuedRun:
    """A root that was just submitted."""
    return QueuedRun(run_id, plan, created_at_ms=NOW_MS - OVERTAKEN_MS + 1)


def child(run_id: str, plan: str) -> QueuedRun:
    """A chained run that was just asked for."""
    return QueuedRun(run_id, plan, depth=1, created_at_ms=NOW_MS)


def started(holders: list[Holder], queue: list[QueuedRun], capacity: Amount = HOST) -> list[str]:
    return [run.run_id for run in choose(holders, queue, capacity, now_ms=NOW_MS)]
