from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from orchestrator.store import keys
from orchestrator.store.connection import Client, connect_binary
from orchestrator.store.workflows.uploads import PIECE_BYTES, Uploads


@pytest.fixture
async def binary(store: Client, redis_servers: tuple[str, str]) -> AsyncIterator[Client]:
    client = connect_binary(redis_servers[0])
    yield client
    await client.aclose()


async def chunks(*sizes: int) -> AsyncIterator[bytes]:
    for number, size in enumerate(sizes):
        yield bytes([number]) * size


async def test_it_is_stored_in_pieces_and_goes_by_itself(binary: Client) -> None:
    upload = await Uploads(binary).add(chunks(10, 2 * PIECE_BYTES, 5), now_ms=1)
    pieces = await binary.lrange(keys.upload(upload), 0, -1)
    assert [len(piece) for piece in pieces] == [PIECE_BYTES, PIECE_BYTES, 15]
    assert b"".join(pieces) == bytes(10) + b"\1" * 2 * PIECE_BYTES + b"\2" * 5
    assert 0 < await binary.ttl(keys.upload(upload)) <= 600


async def test_what_ends_early_leaves_nothing(binary: Client) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield bytes(PIECE_BYTES)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await Uploads(binary).add(broken(), now_ms=1)
    assert await binary.keys("orc:upload:*") == []


async def test_one_that_is_gone_cannot_be_held(binary: Client) -> None:
    assert not await Uploads(binary).hold("upl-1")
