"""Keys for programs that may not do everything."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response

from orchestrator.api import schemas
from orchestrator.api.deps import ServicesDep
from orchestrator.api.requests.body import declared, read_shape
from orchestrator.api.requests.refused import Refused, bad_request
from orchestrator.api.responses import answer, moment
from orchestrator.core.access import is_name
from orchestrator.store.workflows.store import Taken, Unknown

router = APIRouter(tags=["keys"])

_BODY_LIMIT_BYTES: Final = 16 * 1024
_NEVER_KEPT: Final = {"Cache-Control": "no-store"}


@router.post(
    "/v1/keys",
    status_code=HTTPStatus.CREATED,
    response_model=schemas.ApiKeyCreated,
    openapi_extra=declared(schemas.ApiKeyCreate),
)
async def create(request: Request, services: ServicesDep) -> Response:
    """Make a key; its text is in this answer, and nowhere else."""
    if services.api_key is None:
        message = "this orchestrator asks nobody for a key: start it without --no-auth first"
        raise Refused(HTTPStatus.CONFLICT, "no_auth", message)
    asked = await read_shape(request, schemas.ApiKeyCreate, _BODY_LIMIT_BYTES)
    if not is_name(asked.name):
        rule = "use small letters, digits and dashes, at most 40 of them"
        raise bad_request(f"name cannot be {asked.name[:60]!r}: {rule}")
    now_ms = services.now_ms()
    key = await services.keys.create(asked.name, asked.scopes, now_ms=now_ms)
    if key is None:
        raise Taken(f"there is a key '{asked.name}' already: choose another name, or revoke that one first")
    made = schemas.ApiKeyCreated(name=asked.name, scopes=asked.scopes, created_at=moment(now_ms), key=key)
    return answer(made, HTTPStatus.CREATED, _NEVER_KEPT)


@router.get("/v1/keys", response_model=list[schemas.ApiKey])
async def list_keys(services: ServicesDep) -> Response:
    """All keys but the first one, by name."""
    return answer(
        [
            schemas.ApiKey(name=one.name, scopes=list(one.scopes), created_at=moment(one.created_at_ms))
            for one in await services.keys.all()
        ]
    )


@router.delete("/v1/keys/{name}", status_code=HTTPStatus.NO_CONTENT)
async def revoke(name: str, services: ServicesDep) -> Response:
    """End a key; the next request with it is refused."""
    if not await services.keys.revoke(name):
        known = ", ".join([one.name for one in await services.keys.all()]) or "none"
        raise Unknown(f"there is no key '{name[:60]}'; the keys are: {known}")
    return Response(status_code=HTTPStatus.NO_CONTENT)
