"""Metrics of this orchestrator, for Prometheus."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import APIRouter, Response

from orchestrator.api.deps import Services, ServicesDep
from orchestrator.store.connection import UNAVAILABLE
from orchestrator.telemetry.meters import CONTENT_TYPE
from orchestrator.telemetry.reading import StoreReading, store_up

router = APIRouter(tags=["instance"])

PATH: Final = "/metrics"
_ANSWER_S: Final = 1.0
"""Less than a scrape may take: what the store would say is left out when it is silent."""


@router.get(PATH, include_in_schema=False)
async def scrape(services: ServicesDep) -> Response:
    """Everything, in Prometheus' text format; also while the store is away."""
    try:
        async with asyncio.timeout(_ANSWER_S):
            reading = await _read(services)
    except (TimeoutError, *UNAVAILABLE):
        text = services.meters.exposition(store_up(False))
    else:
        text = services.meters.exposition(store_up(True), *reading.families())
    return Response(text, media_type=CONTENT_TYPE)


async def _read(services: Services) -> StoreReading:
    return StoreReading(
        queued=await services.runs.queue.length(),
        queued_builds=await services.workflows.builds.length(),
        held=await services.held() if services.held else None,
    )
