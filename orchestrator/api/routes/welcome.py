"""What whoever comes by without a key is told: what this is, and how to talk to it. It says nothing of this instance."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from orchestrator.api import schemas
from orchestrator.api.browser.page import PREFIX
from orchestrator.api.responses import answer

router = APIRouter(include_in_schema=False)

_WHERE_KEY_IS: Final = (
    "the content of the file api-key in the data directory of the orchestrator, by default ~/.orchestrator"
)
_ABOUT: Final = schemas.Welcome(
    name="orchestrator",
    message="runs Python functions as workflow tasks, each run in a Docker container of its own",
    api="/v1",
    page=PREFIX,
    description="/openapi.json",
    health="/healthz",
    key=f"Authorization: Bearer KEY, where KEY is {_WHERE_KEY_IS}",
)
_HEADERS: Final = {"Vary": "Accept"}


@router.get("/", response_model=schemas.Welcome)
async def welcome(request: Request) -> Response:
    """The page for people in browsers, a few words for programs."""
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(PREFIX, HTTPStatus.SEE_OTHER, _HEADERS)
    return answer(_ABOUT, headers=_HEADERS)
