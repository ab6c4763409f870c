"""Lines of several runs at once, in the form the hosted service's clients ask for."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.logs.query import Found, LineQuery, source_of
from orchestrator.api.logs.timeline import Window, timeline
from orchestrator.api.responses import answer, json_response, moment
from orchestrator.api.schemas import Moment, logs
from orchestrator.core.runs.run import Run

router = APIRouter(tags=["logs"])

_RUNS: Final = 20
"""At most so many runs are searched, the newest first."""
_RUNS_NAMED: Final = 100
_LOOKED_AT: Final = 20_000
"""And at most so many lines are looked at for one answer, which says from where to go on."""
_MOMENT: Final = timedelta(microseconds=1)


class LogSearchQuery(LineQuery):
    """Lines of these runs, or of the newest runs of these tasks, or of the newest runs."""

    task_run: list[str] = Field(default_factory=list, max_length=_RUNS_NAMED)
    start_time: Moment = datetime(1970, 1, 1, tzinfo=UTC)
    end_time: Moment | None = None
    direction: Literal["backward", "forward"] = "backward"
    limit: int = Field(20, ge=1, le=100)


class ValuesQuery(LogSearchQuery):
    """The lines whose values are asked for."""

    label: Literal["host", "instance", "level", "method", "statusCode", "type"]


@router.get("/v1/logs", response_model=logs.LogSearch)
async def search_logs(query: Annotated[LogSearchQuery, Query()], services: ServicesDep) -> Response:
    """Search what runs printed: newest first, or oldest first with `direction=forward`.

    What would take long is answered in parts: `hasMore` is true also where few lines or none were found so far.
    """
    start_time, end_time = query.start_time, _end(query, services)
    page = await _search(query, services, limit=query.limit)
    if page.looked_at and query.direction == "backward":
        end_time = page.looked_at.time
    elif page.looked_at:
        start_time = page.looked_at.time + _MOMENT
    return answer(
        logs.LogSearch(
            logs=[one.shape() for one in page.lines],
            has_more=page.has_more,
            next_start_time=start_time,
            next_end_time=end_time,
        )
    )


@router.get("/v1/logs/values", response_model=list[str])
async def label_values(query: Annotated[ValuesQuery, Query()], services: ServicesDep) -> Response:
    """The different values a label has on the lines that the rest of the query finds, among the first 20,000."""
    page = await _search(query, services)
    values = {one.labels()[query.label] for one in page.lines if query.label in one.labels()}
    return json_response(json.dumps(sorted(values)[: query.limit]))


@dataclass(slots=True)
class _Page:
    """What was found; `looked_at` is the last line that was, None when there was none."""

    lines: list[Found] = field(default_factory=list)
    looked_at: Found | None = None
    has_more: bool = False


async def _search(query: LogSearchQuery, services: Services, limit: int = _LOOKED_AT) -> _Page:
    page, count, accepts = _Page(), 0, query.accepting()
    async for one in timeline(await _runs(query, services), services.logs, _window(query, services)):
        is_wanted = accepts(one)
        if count == _LOOKED_AT or (is_wanted and len(page.lines) == limit):
            page.has_more = True
            break
        count, page.looked_at = count + 1, one
        if is_wanted:
            page.lines.append(one)
    return page


def _window(query: LogSearchQuery, services: Services) -> Window:
    backward = query.direction == "backward"
    return Window.between(query.start_time, _end(query, services), backward=backward, texts=query.text)


def _end(query: LogSearchQuery, services: Services) -> datetime:
    return query.end_time or moment(services.now_ms()) + timedelta(seconds=1)


async def _runs(query: LogSearchQuery, services: Services) -> list[Run]:
    """Those that are searched, once their last lines had the time to arrive."""
    wanted = await query.runs(services)
    if query.task_run:
        runs = [run for run in await services.runs.get_many(query.task_run) if wanted.accepts(run)]
    else:
        runs = await services.listing.page(wanted, before=None, limit=_RUNS)
    await asyncio.gather(*(source_of(run, services).await_last_lines() for run in runs))
    return runs
