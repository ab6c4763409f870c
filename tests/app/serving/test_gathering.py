"""What is written in one turn of the event loop travels together; much of it does not wait."""

from __future__ import annotations

import asyncio
from typing import Any

from orchestrator.app.serving.gathering import Gathering


class FakeTransport:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.written.append(b"<closed>")

    def is_closing(self) -> bool:
        return b"<closed>" in self.written


def gathering() -> tuple[Any, FakeTransport]:
    transport = FakeTransport()
    return Gathering(transport, asyncio.get_running_loop()), transport  # type: ignore[arg-type]


async def test_what_is_written_in_one_turn_is_one_write() -> None:
    one, transport = gathering()
    one.write(b"head ")
    one.write(b"body")
    assert transport.written == []
    await asyncio.sleep(0)
    one.write(b"next")
    await asyncio.sleep(0)
    assert transport.written == [b"head body", b"next"]


async def test_an_answer_that_never_pauses_is_not_kept() -> None:
    one, transport = gathering()
    for _ in range(100):
        one.write(b"x" * 1_000)
    assert sum(map(len, transport.written)) > 80_000
    await asyncio.sleep(0)
    assert sum(map(len, transport.written)) == 100_000


async def test_what_was_written_goes_before_the_end_of_the_connection() -> None:
    one, transport = gathering()
    one.write(b"last")
    one.close()
    assert transport.written == [b"last", b"<closed>"]
    assert one.is_closing()
    await asyncio.sleep(0)
    assert transport.written == [b"last", b"<closed>"]
