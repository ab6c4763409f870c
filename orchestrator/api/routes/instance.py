"""The instance itself: how it is, and how much it has to do."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final, Literal

from fastapi import APIRouter, Response

from orchestrator import __version__
from orchestrator.api import schemas
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.errors import require_admission
from orchestrator.api.requests.refused import Refused
from orchestrator.api.responses import answer

router = APIRouter(tags=["instance"])

_ANSWER_S: Final = 3.0


@router.get("/v1/status", response_model=schemas.Status)
async def status(services: ServicesDep) -> Response:
    """What runs here, and how much there is to do."""
    queued, active = await services.runs.queue.length(), len(await services.runs.active())
    info = dict(services.info)
    if services.held is not None:
        info["kept"] = str(await services.held())
    if services.admission.no_runs:
        info["new runs"] = f"refused: {services.admission.no_runs}"
    state: Literal["ok", "refusing"] = "refusing" if services.admission.no_runs else "ok"
    return answer(
        schemas.Status(
            status=state,
            version=__version__,
            queued=queued,
            active=active,
            info=info,
            source_limit_bytes=services.source_bytes,
        )
    )


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", response_model=schemas.Health)
async def health(services: ServicesDep) -> Response:
    """Whether it works, so that nothing is gained by starting it again; needs no key."""
    await _hear_from_store(services)
    return answer(schemas.Health(status="refusing" if services.admission.no_runs else "ok"))


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", response_model=schemas.Health)
async def ready(services: ServicesDep) -> Response:
    """Whether new runs are taken, too: for whoever spreads requests over several; needs no key."""
    await _hear_from_store(services)
    require_admission(services.admission.no_runs)
    return answer(schemas.Health(status="ok"))


async def _hear_from_store(services: Services) -> None:
    try:
        async with asyncio.timeout(_ANSWER_S):
            await services.runs.queue.length()
    except TimeoutError:
        message = f"the store has not answered for {_ANSWER_S:g} s: see its Redis"
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "store_unavailable", message, {"Retry-After": "1"}) from None
