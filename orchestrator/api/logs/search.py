"""Lines of several runs at once, in the form the hosted service's clients ask for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.logs.query import Found, LineQuery, found, source_of
from orchestrator.api.logs.sources import Place
from orchestrator.api.responses import answer, json_response, moment
from orchestrator.api.schemas import Moment, logs
from orchestrator.core.runs.run import Run

router = APIRouter(tags=["logs"])

_RUNS: Final = 20
"""At most so many runs are searched, the newest first."""
_LINES: Final = 100_000
"""And at most so many lines of each."""
_MOMENT: Final = timedelta(microseconds=1)


class LogSearchQuery(LineQuery):
    """Lines of these runs, or of the newest runs of these tasks, or of the newest runs."""

    start_time: Moment = datetime(1970, 1, 1, tzinfo=UTC)
    end_time: Moment | None = None
    direction: Literal["backward", "forward"] = "backward"
    limit: int = Field(20, ge=1, le=100)


class ValuesQuery(LogSearchQuery):
    """The lines whose values are asked for."""

    label: Literal["host", "instance", "level", "method", "statusCode", "type"]


@router.get("/v1/logs", response_model=logs.LogSearch)
async def search_logs(query: Annotated[LogSearchQuery, Query()], services: ServicesDep) -> Response:
    """Search what runs printed: newest first, or oldest first with `direction=forward`."""
    end_time = query.end_time or moment(services.now_ms()) + timedelta(seconds=1)
    lines = await _search(query, end_time, services)
    page = lines[: query.limit]
    start_time = query.start_time
    if page and query.direction == "backward":
        end_time = page[-1].time
    elif page:
        start_time = page[-1].time + _MOMENT
    return answer(
        logs.LogSearch(
            logs=[one.shape() for one in page],
            has_more=len(lines) > len(page),
            next_start_time=start_time,
            next_end_time=end_time,
        )
    )


@router.get("/v1/logs/values", response_model=list[str])
async def label_values(query: Annotated[ValuesQuery, Query()], services: ServicesDep) -> Response:
    """The different values a label has on the lines that the rest of the query finds."""
    lines = await _search(query, query.end_time or moment(services.now_ms()) + timedelta(seconds=1), services)
    values = {one.labels()[query.label] for one in lines if query.label in one.labels()}
    return json_response(json.dumps(sorted(values)[: query.limit]))


async def _search(query: LogSearchQuery, end_time: datetime, services: Services) -> list[Found]:
    lines = [one for run in await _runs(query, services) for one in await _lines(run, services)]
    lines = [one for one in lines if query.start_time <= one.time < end_time and query.accepts(one)]
    return sorted(lines, key=lambda one: (one.time, one.run.id, one.place.part), reverse=query.direction == "backward")


async def _runs(query: LogSearchQuery, services: Services) -> list[Run]:
    wanted = await query.runs(services)
    if query.task_run:
        return [run for run in await services.runs.get_many(query.task_run) if wanted.accepts(run)]
    return await services.listing.page(wanted, before=None, limit=_RUNS)


async def _lines(run: Run, services: Services) -> list[Found]:
    return [found(run, place, line) for place, line in await source_of(run, services).read(Place(), _LINES)]
