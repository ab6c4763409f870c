"""One who is attached to a container; with a Docker that says what it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from orchestrator.engine.base import FLOOD_BYTES, EngineError, EngineUnavailable
from orchestrator.engine.docker.client import DockerApi
from orchestrator.engine.docker.errors import NotFound
from tests.engine.docker.logs.test_unfinished import frame
from tests.wait import LIMIT_S

UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\n\r\n"


@asynccontextmanager
async def docker(path: Path, answer: bytes) -> AsyncIterator[tuple[DockerApi, Callable[[bytes], None]]]:
    """An API whose server answers this, and what makes it send more; nothing more is said when it is empty."""
    clients: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clients.append(writer)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(
            b"POST /containers/c1/attach?stream=1&stdout=1&stderr=1 "
        )
        writer.write(answer)

    def send(data: bytes) -> None:
        clients[0].write(data) if data else clients[0].close()

    server = await asyncio.start_unix_server(serve, path)
    api = DockerApi(f"unix://{path}")
    try:
        async with asyncio.timeout(LIMIT_S):
            yield api, send
    finally:
        api.close()
        for client in clients:
            client.close()
        server.close()


async def test_states_come_until_the_connection_ends(tmp_path: Path) -> None:
    async with docker(tmp_path / "s", UPGRADED[:30]) as (api, send):
        attaching = asyncio.ensure_future(api.attached("c1"))
        await _until_connected(send, UPGRADED[30:] + frame(b"\r1 %"))
        attachment = await attaching
        async with aclosing(attachment.states()) as states:
            assert await anext(states) == {"stdout": "1 %"}
            send(frame(b"\r2 %"))
            assert await anext(states) == {"stdout": "2 %"}
            send(b"")
            assert [lines async for lines in states] == []


async def _until_connected(send: Callable[[bytes], None], data: bytes) -> None:
    while True:
        try:
            send(data)
        except IndexError:
            await asyncio.sleep(0.01)
        else:
            return


async def test_more_than_can_be_looked_at_ends_it(tmp_path: Path) -> None:
    async with docker(tmp_path / "s", UPGRADED) as (api, send):
        attachment = await api.attached("c1")
        send(frame(b"x" * FLOOD_BYTES))
        async with aclosing(attachment.states()) as states:
            assert [lines async for lines in states] == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", NotFound),
        (b"HTTP/1.1 500 Oops\r\n\r\n", EngineError),
        (b"no HTTP\r\n\r\n", EngineError),
    ],
)
async def test_a_refusal_is_an_error(tmp_path: Path, answer: bytes, error: type[EngineError]) -> None:
    async with docker(tmp_path / "s", answer) as (api, _):
        with pytest.raises(error, match="attach to container c1"):
            await api.attached("c1")


async def test_a_docker_that_is_away_is_an_error(tmp_path: Path) -> None:
    api = DockerApi(f"unix://{tmp_path}/none")
    with pytest.raises(EngineUnavailable, match="attach"):
        await api.attached("c1")
    api.close()
