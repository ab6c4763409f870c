from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from orchestrator.engine.base import EngineUnavailable
from orchestrator.engine.docker.client import DockerApi
from orchestrator.engine.docker.errors import NotFound
from orchestrator.engine.docker.logs.reader import FollowedLog, kept


def line(second: int, text: str) -> bytes:
    content = f"2026-01-01T00:00:{second:02}.000000000Z {text}\n".encode()
    return b"\x01\x00\x00\x00" + len(content).to_bytes(4, "big") + content


class StubStream:
    """Gives the parts one by one; an exception among them is raised."""

    action = "read logs"

    def __init__(self, parts: list[bytes | Exception]) -> None:
        self._parts: Iterator[bytes | Exception] = iter(parts)
        self.is_closed = False

    def __enter__(self) -> StubStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self) -> bytes:
        part = next(self._parts, b"")
        if isinstance(part, Exception):
            raise part
        return part

    def close(self) -> None:
        self.is_closed = True


class StubApi:
    """Opens one stream, and keeps what was asked for."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self.stream_made = StubStream(list(parts))
        self.query: Mapping[str, list[str]] = {}

    def stream(self, action: str, path: str) -> Any:
        self.query = parse_qs(urlsplit(path).query)
        return self.stream_made

    async def read(self, action: str, method: str, path: str) -> bytes:
        self.query = parse_qs(urlsplit(path).query)
        with self.stream_made as stream:
            return b"".join(iter(stream.read, b""))


async def read(api: StubApi, since_ns: int = 0) -> tuple[list[str], FollowedLog]:
    logs = FollowedLog(cast(DockerApi, api), "c1", since_ns)
    return [one.message async for batch in logs.batches() for one in batch], logs


async def test_lines_come_until_the_log_ends() -> None:
    api = StubApi(line(1, "one") + line(2, "two"), line(3, "three"))
    messages, logs = await read(api)
    assert messages == ["one", "two", "three"]
    assert logs.newest_ns % 60_000_000_000 == 3_000_000_000
    assert api.stream_made.is_closed


async def test_it_goes_on_where_another_reading_ended() -> None:
    api = StubApi()
    await read(api, since_ns=5_000_000_007)
    assert (api.query["since"], api.query["follow"]) == (["5.000000007"], ["1"])


async def test_the_log_of_a_container_that_is_gone_has_no_lines() -> None:
    assert (await read(StubApi(NotFound("gone"))))[0] == []


async def test_an_error_is_raised_where_the_lines_are_taken_after_those_that_came() -> None:
    api = StubApi(line(1, "one"), EngineUnavailable("away"))
    batches = FollowedLog(cast(DockerApi, api), "c1", 0).batches()
    assert [one.message for one in await anext(batches)] == ["one"]
    with pytest.raises(EngineUnavailable, match="away"):
        await anext(batches)


async def test_nobody_who_takes_lines_ends_the_reading() -> None:
    api = StubApi(*[line(1, "x") for _ in range(100)])
    async for _ in FollowedLog(cast(DockerApi, api), "c1", 0).batches():
        break


async def kept_lines(api: StubApi, since_ns: int = 0) -> list[str]:
    return [one.message async for batch in kept(cast(DockerApi, api), "c1", since_ns) for one in batch]


async def test_what_is_kept_is_read_whole_wherever_it_is_cut() -> None:
    many = [str(number) * 100 for number in range(2_000)]
    api = StubApi(*(line(1, text) for text in many))
    assert await kept_lines(api) == many
    assert api.query["follow"] == ["0"]


async def test_of_what_is_kept_only_what_is_newer_counts() -> None:
    newest_ns = (await read(StubApi(line(1, "one"))))[1].newest_ns
    assert await kept_lines(StubApi(line(1, "one"), line(2, "two")), newest_ns) == ["two"]


async def test_nothing_is_kept_of_a_container_that_is_gone() -> None:
    assert await kept_lines(StubApi(NotFound("gone"))) == []
