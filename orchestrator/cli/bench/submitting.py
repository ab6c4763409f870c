"""How many runs a second an orchestrator accepts while it has no room to start them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from orchestrator.cli.bench.own import SUBMITTERS, OwnOrchestrator
from orchestrator.cli.bench.program import WORKFLOW

NO_ROOM: Final[Mapping[str, Any]] = MappingProxyType(
    {"capacity_cpus": 0.05, "warm": "off", "key_requests_per_s": 1_000_000}
)
"""Settings under which one run starts, and no second beside it; one key asks for all."""
_BODY: Final = f'{{"task":"{WORKFLOW}/noop","input":[]}}'.encode()


def accepted_per_s(own: OwnOrchestrator, count: int) -> float:
    """Single requests, none batched, over a few kept connections of this process, which takes CPU from the server's."""
    (blocker,) = own.submit("wait", 1)
    begin_s = time.perf_counter()
    run_ids = asyncio.run(_submit(own, count))
    elapsed_s = time.perf_counter() - begin_s
    own.cancel(run_ids)
    own.cancel([blocker])
    return count / elapsed_s


async def _submit(own: OwnOrchestrator, count: int) -> list[str]:
    turns, run_ids = iter(range(count)), list[str]()

    async def submit() -> None:
        # By hand: a client that is made for people takes more CPU for a request than the server that is measured.
        reader, writer = await asyncio.open_connection(_host(own), _port(own))
        for _ in turns:
            writer.write(_head(own) + _BODY)
            run_ids.append(json.loads(await _answer(reader))["id"])
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(submit() for _ in range(SUBMITTERS)))
    return run_ids


def _host(own: OwnOrchestrator) -> str:
    return urlsplit(own.client.address.url).hostname or ""


def _port(own: OwnOrchestrator) -> int:
    return urlsplit(own.client.address.url).port or 0


def _head(own: OwnOrchestrator) -> bytes:
    return (
        f"POST /v1/task-runs HTTP/1.1\r\nHost: {_host(own)}:{_port(own)}\r\n"
        f"Authorization: Bearer {own.client.address.api_key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(_BODY)}\r\n\r\n"
    ).encode()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    body = await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    if not head.startswith(b"http/1.1 202"):
        raise ValueError(f"a submit was answered with {head.splitlines()[0].decode()}: {body.decode()}")
    return body
