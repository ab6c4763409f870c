from __future__ import annotations

import httpx
import pytest
from redis.exceptions import BusyLoadingError, ResponseError

from orchestrator.api.deps import Services
from orchestrator.store.connection import Full


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Full("Errors writing to the AOF file: No space left on device"), 503, "store_full"),
        (BusyLoadingError("LOADING"), 503, "store_unavailable"),
        (ResponseError("WRONGTYPE"), 500, "internal_error"),
    ],
)
async def test_what_the_store_says_becomes_a_status(
    api: httpx.AsyncClient,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    code: str,
) -> None:
    async def refused() -> int:
        raise error

    monkeypatch.setattr(services.runs.queue, "length", refused)
    answer = await api.get("/v1/status")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
