"""Changes of a tree, of a workflow or of the whole instance, as server-sent events that can be taken up again where they ended."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.live.hub import Follower, Hub, Wanted, newest_of_each
from orchestrator.api.requests.filters import workflow_ids
from orchestrator.api.requests.refused import bad_request
from orchestrator.api.schemas import Shape
from orchestrator.api.sse import DECLARED, PING, PING_S, RETRY, EventStream, event
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.store.runs.feed import Feed

router = APIRouter(tags=["task runs"])

_PAUSE_S: Final = 0.05
"""Between two looks at what is new: what comes in between goes together, of each run the newest."""
_AGAIN_S: Final = 1.0
_ENTRY_ID: Final = re.compile(r"\d{1,15}-\d{1,15}", re.ASCII)


class ChangesQuery(Shape):
    """Which runs are followed: those for which everything holds that is given, all of the instance with nothing."""

    root: str | None = Field(None, description="A run's id: all of the tree it belongs to.")
    workflow: str | None = Field(None, description="Its slug or id.")
    roots: bool = Field(False, description="Only runs that no run asked for.")
    last_event_id: str | None = Field(
        None, description="From where to go on, such as a tree's asOf; the header outranks it."
    )


@router.get("/v1/changes", responses=DECLARED, response_class=StreamingResponse)
async def follow_changes(
    request: Request,
    query: Annotated[ChangesQuery, Query()],
    services: ServicesDep,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """An event `change` for every change of a run, with the run as it then is; several that are close together may be one.

    It goes on after `Last-Event-ID`, also after a restart of the orchestrator, and from now on where there is none. When what came
    after that is no longer known, an event `reset` says so: what the client shows is to be read again. A client that does not
    take what it is sent is disconnected.
    """
    hub: Hub = request.app.state.hub
    after = _checked(last_event_id or query.last_event_id)
    wanted = await _wanted(query, services)
    return EventStream(
        _changes(hub, services.feed, wanted, after or hub.newest or await services.feed.newest_id()),
        services.closing,
        services.meters.following("changes"),
    )


def _checked(entry_id: str | None) -> str | None:
    if entry_id and not _ENTRY_ID.fullmatch(entry_id):
        raise bad_request(f"lastEventId cannot be {entry_id[:60]!r}: give the id of an event of this stream")
    return entry_id or None


async def _wanted(query: ChangesQuery, services: Services) -> Wanted:
    root_id = (await services.runs.get(query.root)).root_id if query.root else None
    (workflow_id,) = await workflow_ids(services.workflows, [query.workflow]) if query.workflow else (None,)
    return Wanted(root_id, workflow_id, query.roots)


async def _changes(hub: Hub, feed: Feed, wanted: Wanted, after: str) -> AsyncGenerator[str, None]:
    yield RETRY
    with hub.follow(wanted) as follower:
        follower.at = after
        follower.is_behind = after != hub.newest
        while True:
            try:
                async for text in _catch_up(hub, feed, wanted, follower):
                    yield text
                changes = await hub.events(follower.take())
            except UNAVAILABLE:
                follower.fall_behind()
                yield PING
                await asyncio.sleep(_AGAIN_S)
                continue
            if changes:
                yield changes
                await asyncio.sleep(_PAUSE_S)
            if not await follower.wait(PING_S):
                yield hub.heartbeat(follower)


async def _catch_up(hub: Hub, feed: Feed, wanted: Wanted, follower: Follower) -> AsyncGenerator[str, None]:
    """Tell one who is behind what the feed has, or that it has not all."""
    if not follower.is_behind:
        return
    follower.is_behind = False
    is_complete = await feed.keeps(follower.at)
    if is_complete:
        async for part in feed.after(follower.at):
            is_complete = is_complete and all(entry.row is not None for entry in part)
            if not is_complete:
                break
            follower.at = part[-1].id
            if text := await hub.events(newest_of_each(part, wanted)):
                yield text
    if not is_complete:
        follower.at = await feed.newest_id()
        yield event("reset", follower.at, "{}")
