"""Lines of several runs at once, in the form the hosted service's clients ask for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, NamedTuple

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, Field

from orchestrator.api import schemas
from orchestrator.api.answers import answer, moment
from orchestrator.api.filters import task_ids
from orchestrator.api.log_sources import LogSource, Place, of_run
from orchestrator.api.logs import line_time
from orchestrator.api.schemas import Shape
from orchestrator.api.services import Given, Services
from orchestrator.core.logs import LogLine
from orchestrator.core.run import Run
from orchestrator.store.listing import Filter

router = APIRouter(tags=["logs"])

_RUNS: Final = 20
"""At most so many runs are searched, the newest first."""
_LINES: Final = 100_000
"""And at most so many lines of each."""
_LEVEL: Final = {"stdout": "info", "stderr": "error", "system": "info"}
_MOMENT: Final = timedelta(microseconds=1)


class LogSearchQuery(Shape):
    """Lines of these runs, or of the newest runs of these tasks, or of the newest runs."""

    task_run: list[str] = Field(default_factory=list)
    task: list[str] = Field(default_factory=list)
    text: list[str] = Field(default_factory=list, description="One of these must be in the line.")
    start_time: AwareDatetime = datetime(1970, 1, 1, tzinfo=UTC)
    end_time: AwareDatetime | None = None
    direction: Literal["backward", "forward"] = "backward"
    limit: int = Field(20, ge=1, le=100)
    owner_id: list[str] = Field(default_factory=list, description="Accepted and ignored.")
    resource: list[str] = Field(default_factory=list, description="Accepted and ignored.")


class _Found(NamedTuple):
    time: datetime
    place: Place
    line: LogLine
    run: Run


@router.get("/v1/logs", response_model=schemas.LogSearch)
async def search_logs(query: Annotated[LogSearchQuery, Query()], given: Given) -> Response:
    """Search what runs printed: newest first, or oldest first with `direction=forward`."""
    end_time = query.end_time or moment(given.now_ms()) + timedelta(seconds=1)
    found = [one for run in await _runs(query, given) for one in await _lines(run, given)]
    found = [one for one in found if query.start_time <= one.time < end_time and _has(one.line.message, query.text)]
    found.sort(key=lambda one: (one.time, one.run.id, one.place.part), reverse=query.direction == "backward")
    page = found[: query.limit]
    start_time = query.start_time
    if page and query.direction == "backward":
        end_time = page[-1].time
    elif page:
        start_time = page[-1].time + _MOMENT
    return answer(
        schemas.LogSearch(
            logs=[_labeled(one) for one in page],
            has_more=len(found) > len(page),
            next_start_time=start_time,
            next_end_time=end_time,
        )
    )


async def _runs(query: LogSearchQuery, given: Services) -> list[Run]:
    if query.task_run:
        return await given.runs.get_many(query.task_run)
    tasks = await task_ids(given.workflows, query.task)
    if query.task and not tasks:
        return []
    return await given.listing.page(Filter(task_ids=tasks), before=None, limit=_RUNS)


async def _lines(run: Run, given: Services) -> list[_Found]:
    source = LogSource(given.logs, of_run(given.runs, run.id, None), given.now_ms)
    lines = await source.read(Place(), _LINES)
    return [_Found(line_time(line.timestamp_ns), place, line, run) for place, line in lines]


def _has(message: str, texts: Iterable[str]) -> bool:
    wanted = tuple(texts)
    return not wanted or any(text in message for text in wanted)


def _labeled(found: _Found) -> schemas.LabeledLog:
    return schemas.LabeledLog(
        id=f"{found.run.id}:{found.place}",
        message=found.line.message,
        timestamp=found.time,
        labels=[schemas.Label(name=name, value=value) for name, value in _labels(found).items()],
    )


def _labels(found: _Found) -> dict[str, str]:
    """The official clients know a fixed set of names, and fail at any other."""
    return {
        "resource": found.run.workflow_id,
        "task": found.run.task_id,
        "taskRun": found.run.id,
        "instance": f"{found.run.id}-{found.place.part}",
        "type": "app",
        "level": _LEVEL[found.line.stream],
    }
