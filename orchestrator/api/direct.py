"""A shorter way to the busiest route: the layers of a framework cost more than what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from orchestrator.api import errors


class Direct:
    """Hands requests of one method and path to a function that reads and checks all of them itself."""

    def __init__(
        self, app: ASGIApp, method: str, path: str, endpoint: Callable[[Request], Awaitable[Response]]
    ) -> None:
        self._app = app
        self._method, self._path = method, path
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != self._path or scope["method"] != self._method:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            answer = await self._endpoint(request)
        except errors.EXPECTED as error:
            answer = await errors.handle(request, error)
        await answer(scope, receive, send)
