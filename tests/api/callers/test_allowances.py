"""No key asks for more than its share, and none pays for another."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from orchestrator.api.app import create_app
from orchestrator.api.callers import allowances
from orchestrator.api.callers.allowances import Allowances
from orchestrator.api.deps import Services
from orchestrator.api.requests.refused import Refused
from orchestrator.core.allowance import Limits
from orchestrator.core.workflow import Version
from tests.api.conftest import KEY, client
from tests.api.support import deployed, sse
from tests.api.support.serving import NO_TLS, serving
from tests.wait import LIMIT_S, wait_until

FEW = Limits(requests_per_s=1, open_requests=2)


async def test_who_asks_too_often_is_told_when_to_come_back_and_nobody_else(services: Services) -> None:
    app = create_app(replace(services, limits=FEW))
    async with client(app, {"Authorization": f"Bearer {KEY}"}) as first, client(app, {}) as stranger:
        answers = [await first.get("/v1/status") for _ in range(4)]
        assert [one.status_code for one in answers[:2]] == [200, 200]
        assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "too_many_requests")
        assert int(answers[-1].headers["Retry-After"]) == 1
        assert "the first key asks for more than 1 requests a second" in answers[-1].json()["message"]
        assert (await stranger.get("/healthz")).status_code == 200


async def test_who_tries_keys_uses_up_what_its_address_may_ask_for(services: Services) -> None:
    app = create_app(replace(services, limits=FEW))
    async with client(app, {"Authorization": "Bearer wrong"}) as guessing, client(app, {}) as stranger:
        answers = [(await guessing.get("/v1/status")).status_code for _ in range(4)]
        assert (answers[:2], answers[-1]) == ([401, 401], 429)
        assert (await stranger.get("/healthz")).status_code == 429
    async with client(app, {"Authorization": f"Bearer {KEY}"}) as holder:
        assert (await holder.get("/v1/status")).status_code == 200


async def test_streams_count_for_as_long_as_they_are_open(services: Services, maths: Version) -> None:
    run = await deployed.running(services, maths)
    path = f"/v1/task-runs/events?taskRunIds={run.id}"
    app = create_app(replace(services, limits=Limits(open_requests=2)))
    async with (
        serving(app) as url,
        httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {KEY}"}, timeout=LIMIT_S, verify=NO_TLS
        ) as api,
        sse.stream(api, path) as one,
    ):
        await anext(one)
        async with sse.stream(api, path) as other:
            await anext(other)
            refused = await api.get("/v1/status")
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
            assert "2 requests and streams open" in refused.json()["message"]

        async def is_allowed() -> bool:
            return (await api.get("/v1/status")).status_code == 200

        await wait_until(is_allowed, "the stream that ended to be forgotten")


def test_those_who_ask_no_more_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowances, "_KNOWN", 2)
    known = Allowances(Limits(requests_per_s=1_000_000_000, open_requests=1))
    with known.request("one who stays"):
        for number in range(10):
            with known.request(f"address {number}"):
                pass
        assert len(known._of) <= 3  # noqa: SLF001
        with pytest.raises(Refused), known.request("one who stays"):
            pass
