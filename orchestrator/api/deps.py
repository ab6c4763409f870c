"""What the API works with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection

import orchestrator
from orchestrator.api.admission import Admission
from orchestrator.api.logs.live import LiveLines
from orchestrator.api.logs.tail import Tail
from orchestrator.core.allowance import Limits
from orchestrator.core.retention import Held
from orchestrator.core.scheduling.situation import Situation
from orchestrator.core.workflow import SOURCE_BYTES
from orchestrator.store.api_keys import ApiKeys
from orchestrator.store.control.operations import Operations
from orchestrator.store.control.pauses import Pauses
from orchestrator.store.logs import LogStore
from orchestrator.store.overview import Overview
from orchestrator.store.runs.feed import Feed
from orchestrator.store.runs.listing import RunListing
from orchestrator.store.runs.metrics import Metrics
from orchestrator.store.runs.store import RunStore
from orchestrator.store.runs.trees import Trees
from orchestrator.store.sessions import Sessions
from orchestrator.store.workflows.store import WorkflowStore
from orchestrator.telemetry.meters import Meters

BUILT: Final = Path(orchestrator.__file__).parent / "ui" / "dist"
"""Where the page is, in a checkout and in what is installed."""


@dataclass(frozen=True, slots=True)
class Services:
    """The store's parts and how the API may be reached; whoever makes them also runs `feed` and `tail`.

    `api_key` is None when anyone may call. `host` is the address the API listens on, `allowed_hosts` are names it has besides.
    `queue_ttl_s` is how long a run may wait for capacity when its request does not say; None is no limit.
    `source_bytes` is how large a packed source may be.
    `admission` says what cannot be taken at present; whoever makes it keeps it up to date.
    `limits` are what each key may ask for.
    `keeping` says, to whoever asks for a run that is not there, how long runs are kept; `held` looks how much is kept now.
    `page` is the folder with the files for browsers, which need not be there.
    `situation` is how scheduling stands, None where another orchestrator schedules; `disk_bytes` what is free, and all, of the disk
    of the data directory; `retention` says what is kept for how long.
    `live` looks at what containers print, where this process can; whoever makes it runs it.
    `meters` is what ``GET /metrics`` shows, to anyone when `are_metrics_open`.
    `info` is shown by ``GET /v1/status``: no secrets. Setting `closing` ends all streams, so that the server can stop.
    """

    runs: RunStore
    listing: RunListing
    workflows: WorkflowStore
    pauses: Pauses
    operations: Operations
    logs: LogStore
    metrics: Metrics
    feed: Feed
    tail: Tail
    now_ms: Callable[[], int]
    sessions: Sessions
    trees: Trees
    overview: Overview
    keys: ApiKeys
    api_key: str | None
    queue_ttl_s: int | None = None
    source_bytes: int = SOURCE_BYTES
    host: str = "127.0.0.1"
    allowed_hosts: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    admission: Admission = field(default_factory=Admission)
    keeping: str = ""
    held: Callable[[], Awaitable[Held]] | None = None
    info: Mapping[str, str] = field(default_factory=dict)
    live: LiveLines | None = None
    meters: Meters = field(default_factory=Meters)
    are_metrics_open: bool = False
    page: Path = BUILT
    situation: Callable[[], Situation | None] = lambda: None
    disk_bytes: Callable[[], tuple[int, int] | None] = lambda: None
    retention: Mapping[str, str] = field(default_factory=dict)
    closing: asyncio.Event = field(default_factory=asyncio.Event)


def of(request: HTTPConnection) -> Services:
    """The services of the app that serves the request."""
    services: Services = request.app.state.services
    return services


async def _of(request: Request) -> Services:
    return of(request)


ServicesDep = Annotated[Services, Depends(_of)]
"""A route's parameter that receives the services."""
