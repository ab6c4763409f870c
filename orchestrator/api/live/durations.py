"""How long the newest runs of a workflow took."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from fastapi import APIRouter, Response

from orchestrator.api import schemas
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.live import took
from orchestrator.api.responses import answer, moment
from orchestrator.core.runs.run import Status
from orchestrator.core.runs.summary import Summary
from orchestrator.store.runs.filter import Filter

router = APIRouter(tags=["metrics"])

_RUNS: Final = 2_000
_SPAN_MS: Final = 6 * 3600 * 1000
_STEP_MS: Final = 5 * 60 * 1000
_ENDED: Final = frozenset({Status.COMPLETED, Status.FAILED})


@router.get("/v1/workflows/{workflowId}/durations", response_model=schemas.Durations)
async def get_durations(workflowId: str, services: ServicesDep) -> Response:  # noqa: N803
    """Of its runs of the last six hours that completed or failed, the newest 2,000 at most: how long they took, and waited."""
    workflow = await services.workflows.get(workflowId)
    end_ms = -(-services.now_ms() // _STEP_MS) * _STEP_MS
    starts = range(end_ms - _SPAN_MS, end_ms, _STEP_MS)
    wanted = Filter(workflow_ids=frozenset({workflow.id}), statuses=_ENDED, created_from_ms=starts.start)
    rows = await _newest(services, wanted)
    return answer(
        schemas.Durations(
            tasks=[schemas.TaskDurations(task=task, **asdict(one)) for task, one in took.by_task(rows).items()],
            intervals=[
                schemas.IntervalDurations(at=moment(start_ms), **asdict(one))
                for start_ms, one in took.by_interval(rows, starts).items()
            ],
            is_complete=len(rows) < _RUNS,
        )
    )


async def _newest(services: Services, wanted: Filter) -> list[Summary]:
    run_ids: list[str] = []
    async for chunk in services.listing.matching(wanted, before=None):
        run_ids += chunk.ids
        if len(run_ids) >= _RUNS:
            break
    return [row async for rows in services.trees.summaries(run_ids[:_RUNS], {}) for row in rows]
