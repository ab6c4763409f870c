"""Logs: what attempts and builds printed, in batches, the newest few MiB of each."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from orchestrator.core.logs import LogLine
from orchestrator.store.connection import Client
from orchestrator.store.keys import Key
from orchestrator.store.scripts.verbs import APPEND_LOG
from orchestrator_runtime import json_text

LIMIT_BYTES: Final = 4 * 1024 * 1024
"""Kept for each attempt; the oldest batches go first."""
FULL_TREE_LIMIT_BYTES: Final = 64 * 1024
"""The same where its tree holds so much that there would be no room for inputs and results."""
BATCH_BYTES: Final = 64 * 1024
LINE_LIMIT_CHARS: Final = 16 * 1024
"""A longer line goes on in the next ones, of the same time."""
_BATCHES_AT_ONCE: Final = 4
_LAST: Final = "-"
"""Some entry before, whichever it was."""
_READ_AT_ONCE: Final = 64
"""Entries, of all logs that are followed."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a log: after line `index` of entry `entry`."""

    entry: str = "0-0"
    index: int = -1

    def __str__(self) -> str:
        return f"{self.entry}.{self.index}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The way back from str. Raises ValueError."""
        entry, _, index = text.rpartition(".")
        milliseconds, _, sequence = entry.partition("-")
        return cls(f"{int(milliseconds)}-{int(sequence)}", int(index))


@dataclass(frozen=True, slots=True)
class Page:
    """Lines with the cursor after each; `is_end` when the log is complete and this page reaches its end.

    `is_cut` when there may be more already; `shown` is what somebody made of it already, for others who want the same.
    """

    lines: list[tuple[Cursor, LogLine]]
    is_end: bool
    is_cut: bool = False
    shown: dict[object, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines that were stored together, as JSON for as long as nobody asks for them; `text` is ``[[ns, stream, message], …]``."""

    entry: str
    text: str

    @property
    def first_ns(self) -> int:
        """The time of the first line."""
        return int(self.text[2 : self.text.index(",")])

    def may_have(self, text: str) -> bool:
        """Whether it can be in a line."""
        return json_text.dumps(text)[1:-1] in self.text

    def lines(self) -> list[tuple[Cursor, LogLine]]:
        """All of them, each with the cursor after it."""
        return [(Cursor(self.entry, index), LogLine(*one)) for index, one in enumerate(json.loads(self.text))]


@dataclass(frozen=True, slots=True)
class Tree:
    """To which a log counts, by its root's key, None for none; logs take at most half of what it may hold, None for any amount."""

    root: Key | None
    limit_bytes: int | None


NO_TREE: Final = Tree(None, None)


class LogWriter:
    """Appends to one log."""

    def __init__(self, client: Client, key: Key, tree: Tree = NO_TREE, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._client = client
        self._append_log = APPEND_LOG.on(client)
        self._key = key
        self._tree = tree
        self._limit_bytes = limit_bytes
        self._room_bytes = limit_bytes
        self._kept: deque[tuple[str, int]] = deque()
        self._kept_bytes = 0
        self._count = 0

    async def resume(self) -> int:
        """Go on after what is stored; returns the time of the last line in ns, 0 when there is none. Safe to repeat."""
        entries = await self._client.xrange(self._key)
        self._kept.clear()
        self._kept_bytes = self._count = last_ns = 0
        for entry, fields in entries:
            if "b" in fields:
                batch = json.loads(fields["b"])
                self._keep(entry, fields["b"])
                self._count = int(fields["n"]) + len(batch)
                last_ns = batch[-1][0]
        return last_ns

    async def append(self, lines: Sequence[LogLine]) -> None:
        """Add lines, in order."""
        batch: list[list[object]] = []
        size = 0
        for line in lines:
            batch += [[line.timestamp_ns, line.stream, part] for part in _parts(json_text.valid(line.message))]
            size += len(line.message) + 40
            if size >= BATCH_BYTES:
                await self._add(batch)
                batch, size = [], 0
        if batch:
            await self._add(batch)

    async def _add(self, batch: list[list[object]]) -> None:
        text = json_text.dumps(batch)
        first, dropped_bytes = self._make_room(len(text))
        entry, held_bytes = await self._append_log(
            log=self._key,
            root=self._tree.root,
            count=self._count,
            batch=text,
            first=first,
            dropped_bytes=dropped_bytes,
        )
        self._count += len(batch)
        self._keep(entry, text)
        is_tree_full = self._tree.limit_bytes is not None and held_bytes > self._tree.limit_bytes // 2
        self._room_bytes = min(self._limit_bytes, FULL_TREE_LIMIT_BYTES) if is_tree_full else self._limit_bytes

    def _keep(self, entry: str, text: str) -> None:
        size_bytes = len(text.encode())
        self._kept.append((entry, size_bytes))
        self._kept_bytes += size_bytes

    def _make_room(self, size_bytes: int) -> tuple[str | None, int]:
        """The first entry to stay, None for all, and how many bytes go."""
        before_bytes = self._kept_bytes
        if before_bytes + size_bytes <= self._room_bytes:
            return None, 0
        while self._kept_bytes + size_bytes > self._room_bytes * 3 // 4 and len(self._kept) > 1:
            self._kept_bytes -= self._kept.popleft()[1]
        return (self._kept[0][0] if self._kept else None), before_bytes - self._kept_bytes

    async def end(self) -> None:
        """Mark the log as complete."""
        await self._client.xadd(self._key, {"end": "1"})


def _parts(message: str) -> list[str]:
    return [message[start : start + LINE_LIMIT_CHARS] for start in range(0, len(message) or 1, LINE_LIMIT_CHARS)]


class LogStore:
    """Reads logs by the key `keys.run_logs` or `keys.version_logs` names."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def writer(self, key: Key, tree: Tree = NO_TREE) -> LogWriter:
        """For appending to one log."""
        return LogWriter(self._client, key, tree)

    async def read(self, key: str, after: Cursor, *, limit: int) -> Page:
        """At most `limit` lines after the cursor."""
        entries = await self._client.xrange(key, min=after.entry, count=limit)
        return Page(*_lines(entries, after, limit))

    async def newer(self, positions: Mapping[str, str], *, wait_ms: int) -> list[tuple[str, str, Page]]:
        """What comes after these entries of these logs: log, entry and its lines, in order; waits as long for the first."""
        count = max(1, _READ_AT_ONCE // len(positions))
        answer = await self._client.xread(dict(positions), count=count, block=wait_ms)
        return [
            (key, entry[0], Page(*_lines([entry], Cursor(_LAST), BATCH_BYTES)))
            for key, entries in answer
            for entry in entries
        ]

    async def batches(self, key: str, *, backward: bool) -> AsyncIterator[Batch]:
        """All there is, the newest first if `backward`; a batch that nobody looks into costs little."""
        read, start = (self._client.xrevrange, "+") if backward else (self._client.xrange, "-")
        while entries := await read(key, start, "-" if backward else "+", count=_BATCHES_AT_ONCE):
            for entry, fields in entries:
                if "b" in fields:
                    yield Batch(entry, fields["b"])
            start = f"({entries[-1][0]}"

    async def read_many(self, after: Mapping[str, Cursor], batches: int) -> list[Page]:
        """Of each log, which are not many, at most so many batches of lines after its cursor."""
        async with self._client.pipeline(transaction=False) as pipe:
            for key, cursor in after.items():
                pipe.xrange(key, min=cursor.entry, count=batches)
            answers = await pipe.execute()
        return [
            Page(*_lines(entries, cursor, sys.maxsize), is_cut=len(entries) == batches)
            for entries, cursor in zip(answers, after.values(), strict=True)
        ]

    async def is_complete(self, key: str) -> bool:
        """Whether all that was printed is stored."""
        newest = await self._client.xrevrange(key, count=1)
        return bool(newest) and "end" in newest[0][1]


def _lines(
    entries: list[tuple[str, dict[str, str]]], after: Cursor, limit: int
) -> tuple[list[tuple[Cursor, LogLine]], bool]:
    lines: list[tuple[Cursor, LogLine]] = []
    for entry, fields in entries:
        if "end" in fields:
            return lines, True
        batch = json.loads(fields["b"])
        if not lines and after.entry == "0-0" and int(fields["n"]):
            notice = (
                f"[earlier lines were dropped: the newest {LIMIT_BYTES // 1024 // 1024} MiB of each attempt are kept, "
                "less where its tree of runs holds much]"
            )
            lines.append((Cursor(entry, -1), LogLine(batch[0][0], "system", notice)))
        start = after.index + 1 if entry == after.entry else 0
        for index in range(start, len(batch)):
            lines.append((Cursor(entry, index), LogLine(*batch[index])))
            if len(lines) >= limit:
                return lines, False
    return lines, False
