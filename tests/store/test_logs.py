from __future__ import annotations

import pytest

from orchestrator.core.logs import LogLine
from orchestrator.store.connection import Client
from orchestrator.store.keys import Key
from orchestrator.store.logs import (
    BATCH_BYTES,
    FULL_TREE_LIMIT_BYTES,
    LINE_LIMIT_CHARS,
    Cursor,
    LogStore,
    LogWriter,
    Tree,
)

KEY = Key("orc:run:trn-1:logs:0")
ROOT = Key("orc:run:trn-1")


def lines(count: int, *, start: int = 0, size: int = 10) -> list[LogLine]:
    return [LogLine(start + index, "stdout", f"{start + index} {'x' * size}") for index in range(count)]


async def test_lines_come_back_in_order_and_once_page_by_page(store: Client) -> None:
    await LogWriter(store, KEY).append(lines(10))
    logs, cursor, found = LogStore(store), Cursor(), []
    while (page := await logs.read(KEY, cursor, limit=3)).lines:
        found += [line for _, line in page.lines]
        cursor = page.lines[-1][0]
    assert found == lines(10)


async def test_a_log_is_complete_only_when_its_writer_said_so(store: Client) -> None:
    writer, logs = LogWriter(store, KEY), LogStore(store)
    await writer.append(lines(1))
    assert not (await logs.read(KEY, Cursor(), limit=10)).is_end
    assert not await logs.is_complete(KEY)
    await writer.end()
    assert (await logs.read(KEY, Cursor(), limit=10)).is_end
    assert await logs.is_complete(KEY)


async def test_the_newest_lines_are_kept_and_the_reader_is_told(store: Client) -> None:
    writer = LogWriter(store, KEY, limit_bytes=20_000)
    for start in range(0, 1000, 10):
        await writer.append(lines(10, start=start, size=100))
    page = await LogStore(store).read(KEY, Cursor(), limit=10_000)
    assert "earlier lines were dropped" in page.lines[0][1].message
    assert page.lines[-1][1] == lines(1, start=999, size=100)[0]
    assert len(page.lines) < 200


async def held(store: Client) -> int:
    return int(await store.hget(ROOT, "held") or 0)


async def stored_bytes(store: Client) -> int:
    return sum(len(fields["b"].encode()) for _, fields in await store.xrange(KEY))


async def test_what_is_kept_counts_to_its_tree_and_what_is_dropped_does_not(store: Client) -> None:
    await store.hset(ROOT, "held", "1000")
    writer = LogWriter(store, KEY, Tree(ROOT, None), limit_bytes=20_000)
    await writer.append([LogLine(1, "stdout", "é" * 500)])
    assert await held(store) == 1000 + await stored_bytes(store)
    for start in range(0, 1000, 10):
        await writer.append(lines(10, start=start, size=100))
    assert await held(store) == 1000 + await stored_bytes(store) < 30_000


async def test_a_log_counts_to_no_tree_that_is_gone(store: Client) -> None:
    await LogWriter(store, KEY, Tree(ROOT, None)).append(lines(10))
    assert not await store.exists(ROOT)


async def test_where_logs_take_half_of_what_a_tree_may_hold_little_of_each_is_kept(store: Client) -> None:
    await store.hset(ROOT, "held", "10000000")
    writer = LogWriter(store, KEY, Tree(ROOT, 18_000_000))
    for start in range(0, 10_000, 100):
        await writer.append(lines(100, start=start, size=100))
    assert await stored_bytes(store) <= FULL_TREE_LIMIT_BYTES + BATCH_BYTES
    assert (await LogStore(store).read(KEY, Cursor(), limit=100_000)).lines[-1][1].message.startswith("9999 ")


async def test_a_line_that_is_too_long_goes_on_in_the_next_ones(store: Client) -> None:
    text = "".join(chr(0x100 + number % 5000) for number in range(2 * LINE_LIMIT_CHARS + 7))
    await LogWriter(store, KEY).append([LogLine(1, "stdout", text), LogLine(2, "stdout", "")])
    found = [line for _, line in (await LogStore(store).read(KEY, Cursor(), limit=10)).lines]
    assert "".join(line.message for line in found) == text
    assert [len(line.message) for line in found] == [LINE_LIMIT_CHARS, LINE_LIMIT_CHARS, 7, 0]
    assert [line.timestamp_ns for line in found] == [1, 1, 1, 2]


async def test_a_writer_goes_on_where_an_earlier_one_ended(store: Client) -> None:
    await LogWriter(store, KEY).append(lines(5))
    writer = LogWriter(store, KEY)
    assert await writer.resume() == lines(5)[-1].timestamp_ns


@pytest.mark.parametrize("backward", [False, True])
async def test_batches_come_in_either_order_and_are_understood_when_they_are_asked_for(
    store: Client, backward: bool
) -> None:
    writer = LogWriter(store, KEY)
    for start in range(0, 20, 2):
        await writer.append(lines(2, start=start))
    await writer.end()
    found = [batch async for batch in LogStore(store).batches(KEY, backward=backward)]
    firsts = list(range(0, 20, 2))
    assert [batch.first_ns for batch in found] == (firsts[::-1] if backward else firsts)
    assert [line for _, line in found[0].lines()] == lines(2, start=found[0].first_ns)


async def test_a_batch_that_cannot_have_a_text_is_known_without_a_look_at_its_lines(store: Client) -> None:
    await LogWriter(store, KEY).append([LogLine(1, "stdout", 'a "quoted"\tname, \\ and é')])
    (batch,) = [one async for one in LogStore(store).batches(KEY, backward=False)]
    assert all(batch.may_have(text) for text in ('"quoted"\tname', "\\ and é", ""))
    assert not batch.may_have("unquoted")


def test_a_cursor_survives_its_text() -> None:
    assert Cursor.parse(str(Cursor("12-3", 4))) == Cursor("12-3", 4)
    with pytest.raises(ValueError, match="invalid literal"):
        Cursor.parse("nonsense")
