"""Server-sent events as HTTP: how they are written, and when a stream ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

PING_S: Final = 15.0
"""No stream is silent for longer."""
PING: Final = ": ping\n\n"
RETRY: Final = "retry: 2000\n\n"
DECLARED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}
_HEADERS: Final = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}


def event(name: str, number: int | str, data: str) -> str:
    """One event; `data` is one line."""
    return f"id: {number}\nevent: {name}\ndata: {data}\n\n"


class EventStream(StreamingResponse):
    """Sends the chunks as they come, until they end, the client leaves or the orchestrator closes."""

    def __init__(
        self,
        chunks: AsyncGenerator[str, None],
        closing: asyncio.Event,
        while_open: AbstractContextManager[None] | None = None,
    ) -> None:
        """`while_open` is entered for as long as the stream is served."""
        super().__init__(chunks, headers=_HEADERS, media_type="text/event-stream")
        self._chunks = chunks
        self._closing = closing
        self._while_open = while_open or nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream; however it ends, its generator is finished and its response complete."""
        try:
            with self._while_open:
                sending = await self._serve(receive, send)
        finally:
            await self._chunks.aclose()
        if sending.cancelled():
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _serve(self, receive: Receive, send: Send) -> asyncio.Task[None]:
        """Until one of the three has come; the task that sent."""
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self.stream_response(send), name="stream")
            leaving = group.create_task(self.listen_for_disconnect(receive), name="stream's client")
            closing = group.create_task(self._closing.wait(), name="stream's end")
            await asyncio.wait((sending, leaving, closing), return_when=asyncio.FIRST_COMPLETED)
            for task in (sending, leaving, closing):
                task.cancel()
        return sending
