"""A websocket has no more to say than it needs, and must answer and take what it is sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Message, Ping, Request, TextMessage
from wsproto.extensions import PerMessageDeflate

from orchestrator.app.serving import server
from orchestrator.app.serving.connections import Connections, Timeouts
from orchestrator.app.serving.websocket import MESSAGE_LIMIT_BYTES
from tests.app.support.serving import Stream, connect, ended, serving
from tests.wait import LIMIT_S


class Client:
    """One that speaks the protocol and answers nothing by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.protocol = WSConnection(ConnectionType.CLIENT)
        self.say(Request("x", "/", extensions=[PerMessageDeflate()]))

    def say(self, event: Any) -> None:
        self.writer.write(self.protocol.send(event))

    async def hear(self) -> Any:
        """The next event."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                for event in self.protocol.events():
                    return event
                self.protocol.receive_data(await self.reader.read(65_536) or None)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": message["text"]})


async def talkative(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        await send({"type": "websocket.send", "text": "x" * 1_000_000})


async def opened_client(port: int, opened: list[Stream]) -> Client:
    await connect(port, opened)
    client = Client(*opened[-1])
    accepted = await client.hear()
    assert isinstance(accepted, AcceptConnection)
    assert accepted.extensions == []
    return client


async def test_nothing_is_compressed_and_no_message_is_longer_than_anybody_needs(opened: list[Stream]) -> None:
    async with serving(Connections(5), echo) as port:
        client = await opened_client(port, opened)
        client.say(TextMessage("hello"))
        said = await client.hear()
        assert isinstance(said, Message)
        assert said.data == "hello"
        client.say(TextMessage("x" * (MESSAGE_LIMIT_BYTES + 1)))
        closed = await client.hear()
        assert isinstance(closed, CloseConnection)
        assert closed.code == 1009


async def test_who_answers_no_ping_is_cut_off(opened: list[Stream], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PING_S", 0.1)
    async with serving(Connections(5), echo) as port:
        client = await opened_client(port, opened)
        assert isinstance(await client.hear(), Ping)
        assert isinstance(await client.hear(), CloseConnection)


async def test_who_takes_nothing_is_cut_off_whatever_it_asks(opened: list[Stream]) -> None:
    async with serving(Connections(5, Timeouts(answer_s=0.2)), talkative) as port:
        client = await opened_client(port, opened)
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(LIMIT_S):
            while not client.writer.transport.is_closing():
                client.say(Ping(b"?"))
                await asyncio.sleep(0.01)  # it sees its end only when it writes


async def test_its_place_is_free_again_when_it_is_gone(opened: list[Stream]) -> None:
    async with serving(Connections(2), echo) as port:
        for _ in range(3):
            client = await opened_client(port, opened)
            client.say(CloseConnection(1000))
            await ended(client.reader)


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(b"\x01\x80\0\0\0\0" + b"\x00\x80\0\0\0\0" * 2_000, id="a message in crumbs"),
        pytest.param(b"\x89\x80\0\0\0\0" * 2_000, id="pings"),
        pytest.param(b"\x8a\x80\0\0\0\0" * 2_000, id="pongs"),
    ],
)
async def test_who_says_far_more_than_there_is_to_say_is_cut_off(opened: list[Stream], frames: bytes) -> None:
    async with serving(Connections(5), echo) as port:
        client = await opened_client(port, opened)
        client.writer.write(frames)
        assert await ended(client.reader) is not None
        assert client.reader.at_eof() or client.reader.exception() is not None
