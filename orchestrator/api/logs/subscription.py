"""Lines as they are printed, over a websocket: one JSON object in each text frame."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from orchestrator.api import deps
from orchestrator.api.deps import Services
from orchestrator.api.logs.query import Found, source_of
from orchestrator.api.logs.search import LogSearchQuery
from orchestrator.api.logs.sources import Place, placed
from orchestrator.api.responses import encode, moment
from orchestrator.core.runs.run import TERMINAL, Run, Status
from orchestrator.store.runs.feed import Change
from orchestrator.store.runs.listing import Filter
from orchestrator.store.runs.store import RunNotFound

router = APIRouter(tags=["logs"])

_UNFINISHED: Final = frozenset(Status) - TERMINAL
_FOLLOWED_LIMIT: Final = 20
"""So many runs are followed at once; those begun later wait until one has ended."""


@router.websocket("/v1/logs/subscribe")
async def subscribe(socket: WebSocket, query: Annotated[LogSearchQuery, Query()]) -> None:
    """Send lines as they are printed: of named runs all of them, closing after the last; of others those from now on."""
    services = deps.of(socket)
    wanted = await query.runs(services)
    if missing := set(query.task_run) - {run.id for run in await services.runs.get_many(query.task_run)}:
        raise RunNotFound(f"there is no run {' and no run '.join(sorted(missing))}")
    await socket.accept()
    subscription = _Subscription(socket, query, wanted, services)
    with services.meters.following("logs"):
        await _serve(socket, subscription, services.closing)


async def _serve(socket: WebSocket, subscription: _Subscription, closing: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as group:
        ends = [
            group.create_task(subscription.run(), name="log subscription"),
            group.create_task(_left(socket), name="log subscriber"),
            group.create_task(closing.wait(), name="log subscription's end"),
        ]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in ends:
            task.cancel()
    if not ends[1].done() or ends[1].cancelled():
        await socket.close()


async def _left(socket: WebSocket) -> None:
    """Return when the client goes; what it sends is ignored."""
    try:
        while True:
            await socket.receive_text()
    except (WebSocketDisconnect, KeyError):
        return


class _Subscription:
    """Follows each run that matches, those that are begun meanwhile too."""

    def __init__(self, socket: WebSocket, query: LogSearchQuery, wanted: Filter, services: Services) -> None:
        self._socket = socket
        self._query = query
        self._accepts = query.accepting()
        self._wanted = wanted
        self._services = services
        self._since = query.start_time if query.task_run else max(query.start_time, moment(services.now_ms()))
        self._changed: asyncio.Queue[str | None] = asyncio.Queue()
        self._followed: set[str] = set()
        self._turn = asyncio.Semaphore(_FOLLOWED_LIMIT)

    async def run(self) -> None:
        """Send what there is until no line can follow."""
        with self._services.feed.listen(self._notice):
            async with asyncio.TaskGroup() as group:
                for run in await self._begun():
                    self._follow(run, group)
                while not self._query.task_run:
                    changed = await self._changed.get()
                    for run in await (self._services.runs.get_many([changed]) if changed else self._begun()):
                        self._follow(run, group)

    def _notice(self, change: Change | None) -> None:
        if change is None or change.run_id not in self._followed:
            self._changed.put_nowait(change.run_id if change else None)

    async def _begun(self) -> list[Run]:
        """The runs that may print something by now: those that are named, else those that have not ended."""
        if self._query.task_run:
            return await self._services.runs.get_many(self._query.task_run)
        return await self._services.listing.page(
            replace(self._wanted, statuses=_UNFINISHED), before=None, limit=_FOLLOWED_LIMIT
        )

    def _follow(self, run: Run, group: asyncio.TaskGroup) -> None:
        if run.id not in self._followed and self._wanted.accepts(run):
            self._followed.add(run.id)
            group.create_task(self._send_lines(run), name=f"log of {run.id}")

    async def _send_lines(self, run: Run) -> None:
        async with self._turn:
            with self._services.tail.follow(run.id) as follower:
                async for part, page in source_of(run, self._services).follow(Place(), follower):
                    for one in (Found(place, line, run) for place, line in placed(part, page)):
                        if one.time >= self._since and self._accepts(one):
                            await self._socket.send_text(encode(one.shape()))
