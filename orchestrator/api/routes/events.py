"""Server-sent events: one for each run that ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from orchestrator.api import render
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.requests.refused import Refused, bad_request
from orchestrator.api.slugs import Slugs, SlugsDep
from orchestrator.api.sse import DECLARED, PING, PING_S, RETRY, EventStream, event
from orchestrator.core.runs.run import TERMINAL
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.runs.feed import Change
from orchestrator.store.runs.store import RunNotFound

router = APIRouter(tags=["task runs"])

_IDS_LIMIT: Final = 1_000
_RECONNECTING: Final = ("render-sdk-typescript/", "Mozilla/")
"""Who reads with an EventSource takes the end of a stream for a fault, connects again, and hears of every end again."""


@router.get("/v1/task-runs/events", responses=DECLARED, response_class=StreamingResponse)
async def watch_runs(
    services: ServicesDep,
    slugs: SlugsDep,
    task_run_ids: Annotated[list[str], Query(alias="taskRunIds", description="Repeated, or joined by commas.")],
    user_agent: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """An event `task.completed` for each of the runs, with its details, when it ends, whatever its end is.

    Runs that have ended come at once. The stream closes when all have; to browsers and the official TypeScript clients, which would
    connect again, it stays open until they leave.
    """
    run_ids = _split(task_run_ids)
    known = {run.id for run in await services.runs.get_many(run_ids)}
    if unknown := [run_id for run_id in run_ids if run_id not in known]:
        raise RunNotFound(f"there is no run {' and no run '.join(unknown)}")
    endings = _endings(services, slugs, run_ids, stays_open=user_agent.startswith(_RECONNECTING))
    return EventStream(endings, services.closing, services.meters.following("events"))


def _split(values: Iterable[str]) -> list[str]:
    run_ids = list(dict.fromkeys(run_id for value in values for run_id in value.split(",") if run_id))
    if not run_ids:
        raise bad_request("taskRunIds is empty: name at least one run")
    if len(run_ids) > _IDS_LIMIT:
        message = f"{len(run_ids)} runs are too many for one stream: watch at most {_IDS_LIMIT:,}"
        raise Refused(HTTPStatus.BAD_REQUEST, "too_many_resources", message)
    return run_ids


class _Suspects:
    """The watched runs that may have ended since they were last read; at first, all."""

    def __init__(self, run_ids: Iterable[str]) -> None:
        self.open = dict.fromkeys(run_ids)
        self._suspects = set(self.open)
        self._ended: set[str] = set()
        self._changed = asyncio.Event()

    def notice(self, change: Change | None) -> None:
        """Listen to the feed."""
        if change is None:
            self.suspect(self.open)
        elif change.run_id in self.open and change.status in TERMINAL:
            self._ended.add(change.run_id)
            self.suspect([change.run_id])

    def suspect(self, run_ids: Iterable[str]) -> None:
        """Mark them to be read again."""
        self._suspects.update(run_ids)
        self._changed.set()

    def take(self) -> list[tuple[str, bool]]:
        """The runs to read now, and whether each is known to have ended; none of them is marked any more."""
        self._changed.clear()
        taken = [(run_id, run_id in self._ended) for run_id in self.open if run_id in self._suspects]
        self._suspects.clear()
        return taken

    async def wait(self) -> bool:
        """Return True when a run is marked; False after `PING_S`, with all marked: a change may have been missed."""
        try:
            async with asyncio.timeout(PING_S):
                await self._changed.wait()
        except TimeoutError:
            self.suspect(self.open)
            return False
        return True


async def _endings(
    services: Services, slugs: Slugs, run_ids: list[str], *, stays_open: bool
) -> AsyncGenerator[str, None]:
    suspects = _Suspects(run_ids)
    number = 0
    yield RETRY
    with services.feed.listen(suspects.notice, run_ids):
        while suspects.open:
            for run_id, has_ended in suspects.take():
                if ended := await _ended(services, slugs, run_id, has_ended):
                    number += 1
                    suspects.open.pop(run_id)
                    yield event("task.completed", number, ended)
            if suspects.open and not await suspects.wait():
                yield PING
    while stays_open:
        await asyncio.sleep(PING_S)
        yield PING


async def _ended(services: Services, slugs: Slugs, run_id: str, has_ended: bool) -> str | None:
    """The details of the run, if it has ended; not while the store is away, for then it will be read again."""
    try:
        if not has_ended and not (await services.runs.get(run_id)).is_terminal:
            return None
        stored = await services.runs.get_stored(run_id)
        return render.details(stored, await slugs.find(stored.run.workflow_id))
    except UNAVAILABLE:
        return None
