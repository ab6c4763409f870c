"""Signing in and out: the command line, which has the key, gets a link that works once; it gives the browser a session."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from orchestrator.api import schemas
from orchestrator.api.browser import cookie
from orchestrator.api.browser.notice import notice
from orchestrator.api.browser.page import PREFIX
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.requests.refused import Refused
from orchestrator.api.responses import answer, moment
from orchestrator.store.sessions import TICKET_S

router = APIRouter(tags=["instance"])

LOGIN_PATH: Final = f"{PREFIX}login"
_USED: Final = "This link was used already, or is older than a minute"
_AGAIN: Final = "A link works once. For another one, on the orchestrator's machine:"
_NEVER_KEPT: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@router.post("/v1/sessions", status_code=HTTPStatus.CREATED, response_model=schemas.SessionLink)
async def make_link(request: Request, services: ServicesDep) -> Response:
    """A link that signs one browser in, once; needs the key itself. Without keys it is the page's address."""
    base = str(request.base_url).rstrip("/")
    if services.api_key is None:
        return answer(schemas.SessionLink(url=f"{base}{PREFIX}"), HTTPStatus.CREATED, _NEVER_KEPT)
    if "authorization" not in request.headers:
        raise Refused(
            HTTPStatus.FORBIDDEN, "key_needed", "a link to sign in with is made with the key, not in a session"
        )
    maker = await services.keys.find(request.headers["authorization"].partition(" ")[2].strip())
    ticket = await services.sessions.issue_ticket((maker.name, maker.hash) if maker else None)
    expires_at = moment(services.now_ms() + TICKET_S * 1000)
    link = schemas.SessionLink(url=f"{base}{LOGIN_PATH}?ticket={ticket}", expires_at=expires_at)
    return answer(link, HTTPStatus.CREATED, _NEVER_KEPT)


@router.get("/v1/sessions/current", response_model=schemas.Session)
async def current(services: ServicesDep) -> Response:
    """Whether whoever asks may: another answer than 401 is yes. `needs_sign_in` is false where there is no key."""
    return answer(schemas.Session(is_signed_in=True, needs_sign_in=services.api_key is not None), headers=_NEVER_KEPT)


@router.delete("/v1/sessions/current", status_code=HTTPStatus.NO_CONTENT)
async def sign_out(request: Request, services: ServicesDep) -> Response:
    """End the browser's session."""
    if token := _token(request):
        await services.sessions.close(token)
    signed_out = Response(status_code=HTTPStatus.NO_CONTENT)
    cookie.take_away(signed_out)
    return signed_out


@router.get(LOGIN_PATH, include_in_schema=False)
async def sign_in(request: Request, services: ServicesDep, ticket: Annotated[str, Query()] = "") -> Response:
    """Exchange the ticket for a session, and go to the page."""
    token = await _session(services, ticket)
    if token is None:
        return notice(HTTPStatus.UNAUTHORIZED, _USED, _AGAIN, "orchestrator ui")
    signed_in = RedirectResponse(PREFIX, HTTPStatus.SEE_OTHER, _NEVER_KEPT)
    if token:
        cookie.give(signed_in, token, is_secure=request.url.scheme == "https")
    return signed_in


async def _session(services: Services, ticket: str) -> str | None:
    """Its token; empty where none is needed, None when the ticket is worth nothing."""
    return "" if services.api_key is None else await services.sessions.redeem(ticket)


def _token(request: Request) -> str:
    return cookie.token_in(request.headers.get("cookie", "").encode("latin-1"))
