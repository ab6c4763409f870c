"""The session's cookie: read from requests, and as answers set it."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from orchestrator.store.sessions import SESSION_S

NAME: Final = "orchestrator_session"


def token_in(header: bytes) -> str:
    """The session's token in a Cookie header; empty where there is none."""
    for part in header.decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        if name == NAME:
            return value
    return ""


def give(answer: Response, token: str, *, is_secure: bool) -> None:
    """Have the browser keep it: no script can read it, and no other site's page sends it."""
    answer.set_cookie(NAME, token, max_age=SESSION_S, path="/", secure=is_secure, httponly=True, samesite="strict")


def take_away(answer: Response) -> None:
    """Have the browser forget it."""
    answer.delete_cookie(NAME, path="/", httponly=True, samesite="strict")
