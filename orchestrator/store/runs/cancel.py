"""Cancel a run and everything it asked for."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.core.runs.events import CancelRequested
from orchestrator.core.runs.lifecycle import Decision, IllegalEvent
from orchestrator.store.runs.store import Cascade, RunStore, cascade_of


async def cancel_tree(runs: RunStore, run_id: str, reason: str, *, now_ms: int) -> bool:
    """Cancel the run, then its unfinished descendants; False when the run itself had already ended.

    Parents go first: a run being canceled is refused new children, so none can slip in behind us. Raises RunNotFound.
    """
    canceled = await _cancel(runs, run_id, reason, now_ms)
    carried_out = await _cancel_all(runs, (await runs.children(run_id)).values(), reason, now_ms)
    await runs.cascades_done([*_cascades(canceled), *carried_out])
    return canceled is not None


async def cancel_descendants(runs: RunStore, cascade: Cascade, *, now_ms: int) -> None:
    """Cancel the unfinished runs that one attempt asked for, and theirs. Safe to repeat."""
    children = await runs.children(cascade.run_id, cascade.attempt)
    carried_out = await _cancel_all(runs, children.values(), cascade.reason, now_ms)
    await runs.cascades_done([cascade, *carried_out])


async def _cancel_all(runs: RunStore, run_ids: Iterable[str], reason: str, now_ms: int) -> list[Cascade]:
    """Cancel them and all below; the cascades this has carried out, which the store still remembers."""
    pending, carried_out = list(run_ids), list[Cascade]()
    while pending:
        run_id = pending.pop()
        canceled = await _cancel(runs, run_id, reason, now_ms)
        carried_out += _cascades(canceled)
        if canceled is None or canceled.run.attempts:  # what never started has asked for nothing
            pending += (await runs.children(run_id)).values()
    return carried_out


async def _cancel(runs: RunStore, run_id: str, reason: str, now_ms: int) -> Decision | None:
    try:
        return await runs.change(run_id, CancelRequested(reason), now_ms=now_ms)
    except IllegalEvent:
        return None


def _cascades(decision: Decision | None) -> list[Cascade]:
    cascade = cascade_of(decision) if decision else None
    return [cascade] if cascade else []
