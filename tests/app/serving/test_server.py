"""The server sleeps while nobody asks for anything, and ends when it is to."""

from __future__ import annotations

import asyncio
import logging

import uvicorn

from orchestrator.app.serving.server import Server, is_news


async def test_it_ends_at_once_when_it_is_to_close() -> None:
    closing = asyncio.Event()
    server = Server(uvicorn.Config(lambda: None, log_config=None), closing)
    serving = asyncio.create_task(server.main_loop())
    await asyncio.sleep(0)
    assert not serving.done()
    closing.set()
    await serving
    assert server.should_exit


async def test_its_answers_tell_the_time() -> None:
    closing = asyncio.Event()
    closing.set()
    server = Server(uvicorn.Config(lambda: None, log_config=None), closing)
    await server.main_loop()
    assert b"date" in dict(server.server_state.default_headers)


def test_what_anybody_can_have_written_is_not_logged() -> None:
    def record(message: str, error: BaseException | None = None) -> logging.LogRecord:
        raised = (type(error), error, None) if error else None
        return logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, message, (), raised)

    assert not is_news(record("Invalid HTTP request received."))
    assert not is_news(record("Exception in ASGI application", asyncio.CancelledError()))
    assert is_news(record("Exception in ASGI application", ZeroDivisionError()))
