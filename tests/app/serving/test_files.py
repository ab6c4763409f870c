from __future__ import annotations

import asyncio

import pytest

from orchestrator.app.serving.files import connection_limit, log_seldom


def test_what_is_left_of_few_files_is_shared() -> None:
    assert (connection_limit(1024), connection_limit(65_536)) == (320, 32_128)


async def test_the_loop_says_only_now_and_then_that_there_are_no_files(caplog: pytest.LogCaptureFixture) -> None:
    times_s = iter((0.0, 0.0, 1.0, 2.0, 11.0, 11.0))
    loop = asyncio.get_running_loop()
    log_seldom(loop, lambda: next(times_s))
    context = {"message": "socket.accept() out of system resource", "exception": OSError(24, "Too many open files")}
    for _ in range(4):
        loop.call_exception_handler(context)
    assert len(caplog.records) == 2
    loop.call_exception_handler({"message": "something else"})
    assert "something else" in caplog.text
