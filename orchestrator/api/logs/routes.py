"""What runs and builds printed: so far, or followed live."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, closing
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from pydantic import Field

from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.live.rows import task_name
from orchestrator.api.logs.live import LiveLines, Watching
from orchestrator.api.logs.sources import Line, LogSource, Place, of_run, of_version, placed
from orchestrator.api.logs.tail import Tail
from orchestrator.api.logs.tree import START, Moment, TreeLine
from orchestrator.api.logs.tree_tail import Lines, TreeTail, TreeTailDep
from orchestrator.api.requests.refused import bad_request
from orchestrator.api.responses import answer, encode
from orchestrator.api.schemas import Shape, logs
from orchestrator.api.slugs import SlugsDep
from orchestrator.api.sse import DECLARED, PING, PING_S, RETRY, EventStream, event
from orchestrator.core.runs.run import Run
from orchestrator.store.logs import Page

router = APIRouter(tags=["logs"])

_LIMIT_LINES: Final = 1_000

Render = Callable[[Line], Shape]


class LogQuery(Shape):
    """Which part of a log."""

    cursor: str | None = Field(None, description="The cursor of the last line already known.")
    limit: int = Field(_LIMIT_LINES, ge=1, le=_LIMIT_LINES)
    follow: bool = Field(False, description="Stream an event `log` for each line, and `end` after the last, instead.")


class RunLogQuery(LogQuery):
    """Which part of a run's log."""

    attempt: int | None = Field(None, ge=0, description="Only this attempt's lines; the first is 0.")
    live: bool = Field(
        False,
        description="With `follow`, an event `live`, without an id, whenever the line that is begun and not ended has changed: "
        "what it is now, until the next `live` of its stream (empty where there is none any more), `log` or `end`.",
    )


@router.get("/v1/task-runs/{taskRunId}/logs", response_model=list[logs.LogLine], responses=DECLARED)
async def run_logs(taskRunId: str, query: Annotated[RunLogQuery, Query()], services: ServicesDep) -> Response:  # noqa: N803
    """What a run printed, over all its attempts in order."""
    await services.runs.get(taskRunId)
    source = LogSource(services.logs, of_run(services.runs, taskRunId, query.attempt), services.now_ms)
    place = _start(query)
    if query.follow:
        live = services.live if query.live else None
        return _streamed(_follow(source, place, _run_line, services.tail, taskRunId, live), services)
    return await _read(source, place, query, _run_line)


@router.get("/v1/task-runs/{taskRunId}/tree/logs", response_model=list[logs.TreeLogLine], responses=DECLARED)
async def tree_logs(
    taskRunId: str,  # noqa: N803
    query: Annotated[LogQuery, Query()],
    services: ServicesDep,
    slugs: SlugsDep,
    trees: TreeTailDep,
) -> Response:
    """What a run and all below it printed, by time: each line with its run; of a run at most its newest 20 attempts."""
    run, after = await services.runs.get(taskRunId), Moment.parse(query.cursor) if query.cursor else START
    slug = await slugs.find(run.workflow_id)
    if query.follow:
        return _streamed(_follow_tree(trees, run, after, slug), services)
    return answer([_tree_line(line, slug) for line in await trees.log(run, after).page(query.limit)])


@router.get("/v1/workflowversions/{workflowVersionId}/logs", response_model=list[logs.BuildLogLine], responses=DECLARED)
async def version_logs(
    workflowVersionId: str,  # noqa: N803
    query: Annotated[LogQuery, Query()],
    services: ServicesDep,
) -> Response:
    """What the build and registration of a version printed."""
    await services.workflows.version(workflowVersionId)
    source = LogSource(services.logs, of_version(services.workflows, workflowVersionId), services.now_ms)
    start = Place.parse(query.cursor) if query.cursor else Place()
    if query.follow:
        return _streamed(_follow(source, start, _build_line, services.tail), services)
    return await _read(source, start, query, _build_line)


def line_time(timestamp_ns: int) -> datetime:
    """A line's time as the API shows it: to the microsecond."""
    seconds, rest_ns = divmod(timestamp_ns, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest_ns // 1000)


def _start(query: RunLogQuery) -> Place:
    place = Place.parse(query.cursor) if query.cursor else Place(query.attempt or 0)
    if query.attempt is not None and place.part != query.attempt:
        raise bad_request(f"the cursor {query.cursor} is not in the log of attempt {query.attempt}", "invalid_cursor")
    return place


async def _read(source: LogSource, place: Place, query: LogQuery, render: Render) -> Response:
    return answer([render(line) for line in await source.read(place, query.limit)])


def _streamed(events: AsyncGenerator[str, None], services: Services) -> Response:
    return EventStream(_spoken(events), services.closing, services.meters.following("logs"))


async def _follow(  # a log, and how it is told
    source: LogSource, place: Place, render: Render, tail: Tail, run_id: str = "", live: LiveLines | None = None
) -> AsyncGenerator[str, None]:
    with tail.follow(run_id) as follower, closing(Watching(live, follower.wake)) as watching:
        async for part, page in source.follow(place, follower):
            begun = watching.events(source.writing, part, has_lines=bool(page.lines))
            yield _events(part, page, render) + begun


async def _follow_tree(trees: TreeTail, run: Run, after: Moment, slug: str | None) -> AsyncGenerator[str, None]:
    async with aclosing(trees.follow(run, after)) as batches:
        async for lines in batches:
            yield _tree_events(lines, slug)


async def _spoken(batches: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """The events, with signs of life between them, and one for the end."""
    yield RETRY
    spoke_at = time.monotonic()
    async with aclosing(batches):
        async for events in batches:
            if events:
                spoke_at = time.monotonic()
                yield events
            elif time.monotonic() - spoke_at >= PING_S:
                spoke_at = time.monotonic()
                yield PING
    yield event("end", "end", "{}")


def _events(part: int, page: Page, render: Render) -> str:
    """The page as events, made once for all who follow."""
    if render not in page.shown:
        lines = placed(part, page)
        page.shown[render] = "".join(event("log", str(line[0]), encode(render(line))) for line in lines)
    return page.shown[render]


def _tree_events(lines: Lines, slug: str | None) -> str:
    """The same for a tree; a line that comes late does not move back the place from which a client goes on."""
    if slug not in lines.shown:
        after, found = lines.before, []
        for line in lines.found:
            after = max(after, line.moment)
            found.append(event("log", str(after), encode(_tree_line(line, slug))))
        lines.shown[slug] = "".join(found)
    return lines.shown[slug]


def _run_line(line: Line) -> logs.LogLine:
    place, printed = line
    return logs.LogLine(
        timestamp=line_time(printed.timestamp_ns),
        attempt=place.part,
        stream=printed.stream,
        message=printed.message,
        cursor=str(place),
    )


def _tree_line(found: TreeLine, slug: str | None) -> logs.TreeLogLine:
    moment, printed, _, part = found
    return logs.TreeLogLine(
        timestamp=line_time(printed.timestamp_ns),
        attempt=part.number,
        stream=printed.stream,
        message=printed.message,
        cursor=str(moment),
        task_run_id=part.row.id,
        task=task_name(part.row, slug),
    )


def _build_line(line: Line) -> logs.BuildLogLine:
    place, printed = line
    return logs.BuildLogLine(
        timestamp=line_time(printed.timestamp_ns), stream=printed.stream, message=printed.message, cursor=str(place)
    )
