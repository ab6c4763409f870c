"""How many runs were asked for and ended, over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from orchestrator.api import schemas
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.requests.filters import task_ids, workflow_ids
from orchestrator.api.requests.refused import bad_request
from orchestrator.api.responses import answer, moment
from orchestrator.api.schemas import Moment, Shape
from orchestrator.core.runs.run import Status
from orchestrator.store import ids
from orchestrator.store.runs import metrics

router = APIRouter(tags=["metrics"])

_VALUES_LIMIT: Final = 5_000
_SERIES_LIMIT: Final = 100
_STATES: Final = {"succeeded": Status.COMPLETED, "failed": Status.FAILED}
_MINUTE_S: Final = 60


class MetricsQuery(Shape):
    """Which runs, and which time: the last hour by default. Counts are kept for 31 days."""

    start_time: Moment | None = None
    end_time: Moment | None = None
    resolution_seconds: float = Field(
        60, gt=0, le=metrics.KEPT_S, allow_inf_nan=False, description="Between two values; rounded up to whole minutes."
    )
    resource: list[str] = Field(
        default_factory=list, description="Tasks or workflows, one series each; all tasks by default."
    )


class EndedQuery(MetricsQuery):
    """Runs that ended well or badly."""

    state: Literal["succeeded", "failed"] | None = None
    aggregate_by: Literal["state"] | None = Field(None, description="A series for each state.")


@router.get("/v1/metrics/task-runs-queued", response_model=list[schemas.TimeSeries])
async def queued(query: Annotated[MetricsQuery, Query()], services: ServicesDep) -> Response:
    """How many runs were queued for the first time, retries not counted."""
    return answer(
        [await _series(query, one, {}, [Status.QUEUED], services) for one in await _resources(query, services)]
    )


@router.get("/v1/metrics/task-runs-completed", response_model=list[schemas.TimeSeries])
async def completed(query: Annotated[EndedQuery, Query()], services: ServicesDep) -> Response:
    """How many runs succeeded or failed."""
    states = [query.state] if query.state else list(_STATES)
    groups = [(state,) for state in states] if query.aggregate_by or query.state else [tuple(states)]
    return answer(
        [
            await _series(query, one, {"state": "".join(group)} if len(group) == 1 else {}, _statuses(group), services)
            for one in await _resources(query, services)
            for group in groups
        ]
    )


def _statuses(states: Iterable[str]) -> list[Status]:
    return [_STATES[state] for state in states]


async def _resources(query: MetricsQuery, services: Services) -> list[str]:
    names = query.resource or sorted(await _all_tasks(services))
    if len(names) > _SERIES_LIMIT:
        raise bad_request(
            f"{len(names)} series are too many: name at most {_SERIES_LIMIT} tasks or workflows as resource"
        )
    return names


async def _all_tasks(services: Services) -> set[str]:
    return {spec.id for version in await services.workflows.versions() for spec in version.tasks}


async def _tasks_of(resource: str, services: Services) -> Collection[str]:
    if resource.startswith(f"{ids.TASK}-") or "/" in resource:
        return await task_ids(services.workflows, [resource])
    (workflow_id,) = await workflow_ids(services.workflows, [resource])
    versions = await services.workflows.versions(workflow_id)
    return {spec.id for version in versions for spec in version.tasks}


async def _series(
    query: MetricsQuery, resource: str, labels: dict[str, str], statuses: list[Status], services: Services
) -> schemas.TimeSeries:
    starts = _starts(query, services)
    counted: Counter[int] = Counter()
    for task_id in await _tasks_of(resource, services):
        found = await services.metrics.counts(task_id, statuses, starts.start, starts.stop)
        for minutes in found.values():
            for at_ms, count in minutes.items():
                counted[at_ms - (at_ms - starts.start) % starts.step] += count
    return schemas.TimeSeries(
        labels=[
            schemas.SeriesLabel(field=name, value=value) for name, value in ({"resource": resource} | labels).items()
        ],
        values=[schemas.TimeSeriesValue(timestamp=moment(at_ms), value=counted[at_ms]) for at_ms in starts],
        unit="runs",
    )


def _starts(query: MetricsQuery, services: Services) -> range:
    """The start of each interval, in ms."""
    step_ms = -int(-query.resolution_seconds // _MINUTE_S) * _MINUTE_S * 1000
    end = query.end_time or moment(services.now_ms())
    start = query.start_time or end - timedelta(hours=1)
    earliest_ms = services.now_ms() - metrics.KEPT_S * 1000
    start_ms = max(int(start.timestamp() * 1000), earliest_ms) // step_ms * step_ms
    found = range(start_ms, min(int(end.timestamp() * 1000), services.now_ms() + step_ms), step_ms)
    if len(found) > _VALUES_LIMIT:
        raise bad_request(
            f"{len(found):,} values are too many: choose a larger resolutionSeconds or a shorter time, "
            f"for at most {_VALUES_LIMIT:,}"
        )
    return found
