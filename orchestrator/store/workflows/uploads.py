"""Packed sources on their way to a version: the store takes them piece by piece, and nobody ever holds one whole."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import Final

from orchestrator.core.plans import MIB
from orchestrator.store import ids, keys
from orchestrator.store.connection import Client

KEPT_S: Final = 600
"""From its last piece until a version is made of it."""
PIECE_BYTES: Final = MIB


class Uploads:
    """Archives that no version has yet."""

    def __init__(self, binary: Client) -> None:
        """`binary` is a client whose answers are bytes."""
        self._binary = binary

    async def add(self, chunks: AsyncIterable[bytes], *, now_ms: int) -> str:
        """Store an archive as it comes; its id. What ends early leaves nothing."""
        upload_id = ids.new_id(ids.UPLOAD, now_ms)
        key = keys.upload(upload_id)
        try:
            async for piece in _pieces(chunks):
                async with self._binary.pipeline(transaction=True) as pipe:
                    pipe.rpush(key, piece)
                    pipe.expire(key, KEPT_S)
                    await pipe.execute()
        except BaseException:
            await self._binary.delete(key)
            raise
        return upload_id

    async def hold(self, upload_id: str) -> bool:
        """Keep it for as long again; whether it is there."""
        return bool(await self._binary.expire(keys.upload(upload_id), KEPT_S))


async def _pieces(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, in pieces of one size but for the last."""
    piece = bytearray()
    async for chunk in chunks:
        piece += chunk
        while len(piece) >= PIECE_BYTES:
            yield bytes(piece[:PIECE_BYTES])
            del piece[:PIECE_BYTES]
    if piece:
        yield bytes(piece)
