"""Packed sources that are uploaded before the deploy that names them, as they are and in pieces."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from orchestrator.api import schemas
from orchestrator.api.deps import ServicesDep
from orchestrator.api.errors import require_admission
from orchestrator.api.requests.body import read_chunks
from orchestrator.api.requests.refused import Refused, bad_request
from orchestrator.api.responses import answer

router = APIRouter(tags=["workflows"])

_TYPES: Final = ("application/gzip", "application/octet-stream")
_GZIP: Final = b"\x1f\x8b"
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _TYPES},
    }
}


@router.post("/v1/sources", status_code=HTTPStatus.CREATED, response_model=schemas.Upload, openapi_extra=_BODY)
async def upload(request: Request, services: ServicesDep) -> Response:
    """Take a source, a tar.gz, for the deploy that names it within ten minutes; how large one may be is in ``GET /v1/status``."""
    require_admission(services.admission.no_deploys)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        message = f"the body's type is '{kind}': send a tar.gz, with the header 'Content-Type: {_TYPES[0]}'"
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
    chunks = _checked(read_chunks(request, services.source_bytes, "the source"))
    made = await services.workflows.uploads.add(chunks, now_ms=services.now_ms())
    return answer(schemas.Upload(id=made), HTTPStatus.CREATED)


async def _checked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks, of what begins as a tar.gz does. Raises Refused."""
    begin = b""
    async for chunk in chunks:
        if len(begin) < len(_GZIP):
            begin += chunk[: len(_GZIP)]
            if not _GZIP.startswith(begin[: len(_GZIP)]):
                break
        yield chunk
    if not begin.startswith(_GZIP):
        raise bad_request("the body is not a tar.gz")
