"""Attacks, and honest programs, by many chained runs or large ones."""

import asyncio
import time

import tap


def add_to(app):
    @app.task
    def noop() -> None:
        pass

    @app.task
    def returns(count: int) -> str:
        return "x" * count

    @app.task
    def takes(value: object) -> int:
        return len(str(value))

    @app.task
    def waits(seconds: float) -> None:
        time.sleep(seconds)

    @app.task
    async def children_with_4_mb(count: int) -> int:
        large = "x" * 4_190_000
        ended = await asyncio.gather(*[takes(large) for _ in range(count)], return_exceptions=True)
        return sum(isinstance(one, int) for one in ended)

    @app.task
    async def children_returning_4_mb(count: int) -> int:
        ended = await asyncio.gather(*[returns(4_190_000) for _ in range(count)], return_exceptions=True)
        return sum(isinstance(one, str) for one in ended)

    @app.task
    async def tree_of_logs(count: int) -> int:
        ended = await asyncio.gather(*[prints_4_mb() for _ in range(count)], return_exceptions=True)
        return sum(isinstance(one, int) for one in ended)

    @app.task
    def prints_4_mb() -> int:
        import sys

        for _ in range(600):
            sys.stdout.write("x" * 10_000 + "\n")
        return 1

    @app.task
    def says_it_waits_and_spins(seconds: float) -> None:
        _say_waiting(seconds)
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            pass

    @app.task
    def says_it_waits_and_takes_400_mib(seconds: float) -> int:
        _say_waiting(seconds)
        time.sleep(1)
        held = b"x" * (400 << 20)
        time.sleep(seconds)
        return len(held)


def _say_waiting(seconds):
    connection = tap.connect()
    tap.ask_child(connection, 0, "waits", [seconds])
    connection.call("XADD", tap.link()._stream_out, "*", "f", '{"type":"waiting","waiting":true}')
