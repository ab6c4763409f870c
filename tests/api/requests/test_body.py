from __future__ import annotations

from typing import Any

import pytest
from fastapi import Request

from orchestrator.api.requests.body import read_text
from orchestrator.api.requests.refused import Refused


def a_request(body: bytes, **headers: str) -> Request:
    async def receive() -> dict[str, Any]:
        assert body, "it is refused unread"
        return {"type": "http.request", "body": body, "more_body": False}

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": named}, receive)


async def test_a_body_is_taken_as_it_came() -> None:
    request = a_request(b" [1]", content_type="application/json; charset=utf-8")
    assert await read_text(request, 4) == b" [1]"


async def test_nothing_is_an_empty_object_where_it_may_be() -> None:
    assert await read_text(a_request(b""), 4, may_be_empty=True) == b"{}"


async def test_what_is_declared_too_large_is_refused_unread() -> None:
    with pytest.raises(Refused, match="the body has 5 bytes, more than"):
        await read_text(a_request(b"", content_type="application/json", content_length="5"), 4)


async def test_what_turns_out_too_large_is_refused() -> None:
    with pytest.raises(Refused, match="is larger than"):
        await read_text(a_request(b"[1,2]", content_type="application/json"), 4)


async def test_what_a_web_page_may_send_without_asking_is_refused_unread() -> None:
    with pytest.raises(Refused, match="send JSON") as caught:
        await read_text(a_request(b"", content_type="text/plain"), 4)
    assert caught.value.code == "unsupported_media_type"
