from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from orchestrator.api.requests.head import Head


def client(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Head(app)), base_url="http://test")


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello", headers={"Method": scope["method"]})(scope, receive, send)


async def test_head_is_answered_as_get_is_without_its_body() -> None:
    async with client(hello) as http:
        answer = await http.head("/")
        assert (answer.status_code, answer.headers["Method"], answer.content) == (200, "GET", b"")
        assert answer.headers["Content-Length"] == "5"


async def test_other_methods_are_left_as_they_are() -> None:
    async with client(hello) as http:
        answer = await http.post("/")
        assert (answer.headers["Method"], answer.text) == ("POST", "hello")


async def test_what_would_be_streamed_ends_with_its_headers() -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one"

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(parts())(scope, receive, send)

    async with client(stream) as http:
        answer = await http.head("/")
        assert (answer.status_code, answer.content) == (200, b"")
