"""How many runs the API accepts a second when nothing is started."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.key import API_KEY
from orchestrator.redis.server import store_server

CONNECTIONS = 8
REQUESTS = 4_000
BODY = b'{"task":"bench/noop","input":[]}'


def measure_per_s() -> float:
    """Accepted runs per second over keep-alive connections of this process, which takes CPU from the server's 2 cores."""
    with _api() as port:
        return asyncio.run(_load(port))


@contextmanager
def _api() -> Iterator[int]:
    with tempfile.TemporaryDirectory() as home:
        server = store_server(Path(home) / "store", "bench", fsync="everysec")
        asyncio.run(server.start())
        command = [sys.executable, "-m", "bench.api_server", server.url]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()
            process.wait()
            asyncio.run(server.stop())


async def _load(port: int) -> float:
    await _requests(port, 200)
    start = time.perf_counter()
    await asyncio.gather(*(_requests(port, REQUESTS // CONNECTIONS) for _ in range(CONNECTIONS)))
    return REQUESTS / (time.perf_counter() - start)


async def _requests(port: int, count: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /v1/task-runs HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {API_KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    ).encode()
    for _ in range(count):
        writer.write(head + BODY)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 202"), answer
        length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()
