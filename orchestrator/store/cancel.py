"""Cancel a run and everything it asked for."""

from __future__ import annotations

from orchestrator.core.events import CancelRequested
from orchestrator.core.lifecycle import IllegalEvent
from orchestrator.store.runs import RunStore


async def cancel_tree(runs: RunStore, run_id: str, reason: str, *, now_ms: int) -> bool:
    """Cancel the run, then its unfinished descendants; False when the run itself had already ended.

    Parents go first: a run being canceled is refused new children, so none can slip in behind us. Raises RunNotFound.
    """
    is_canceled = await _cancel(runs, run_id, reason, now_ms)
    await cancel_descendants(runs, run_id, None, reason, now_ms=now_ms)
    return is_canceled


async def cancel_descendants(runs: RunStore, run_id: str, attempt: int | None, reason: str, *, now_ms: int) -> None:
    """Cancel the unfinished runs that one attempt asked for (any attempt with None), and theirs."""
    pending = list((await runs.children(run_id, attempt)).values())
    while pending:
        child_id = pending.pop()
        await _cancel(runs, child_id, reason, now_ms)
        pending += (await runs.children(child_id)).values()


async def _cancel(runs: RunStore, run_id: str, reason: str, now_ms: int) -> bool:
    try:
        return await runs.change(run_id, CancelRequested(reason), now_ms=now_ms) is not None
    except IllegalEvent:
        return False
