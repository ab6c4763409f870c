"""POST /v1/sources."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from orchestrator.core.workflow import SOURCE_BYTES

GZIP = "application/gzip"


async def upload(api: httpx.AsyncClient, content: bytes | AsyncIterator[bytes], kind: str = GZIP) -> httpx.Response:
    return await api.post("/v1/sources", content=content, headers={"Content-Type": kind})


@pytest.mark.parametrize("content", [b"", b"\x1f", b"PK", b"a tar"])
async def test_what_is_no_tar_gz_is_refused(api: httpx.AsyncClient, content: bytes) -> None:
    answer = await upload(api, content)
    assert (answer.status_code, answer.json()["message"]) == (400, "the body is not a tar.gz")


async def test_another_type_is_refused(api: httpx.AsyncClient) -> None:
    answer = await upload(api, b"\x1f\x8b", "text/plain")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_a_source_that_grows_too_large_leaves_nothing(api: httpx.AsyncClient) -> None:
    async def growing() -> AsyncIterator[bytes]:
        yield b"\x1f\x8b"
        for _ in range(SOURCE_BYTES // 2**20):
            yield bytes(2**20)

    answer = await upload(api, growing())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "the source is larger than the limit of 67,108,864 bytes" in answer.json()["message"]


async def test_how_large_a_source_may_be_is_known_before(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/status")).json()["sourceLimitBytes"] == SOURCE_BYTES
