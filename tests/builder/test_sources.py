from __future__ import annotations

import os
from pathlib import Path

from orchestrator.builder.sources import Sources


async def kept(sources: Sources, folder: Path, data: bytes, at_s: int) -> str:
    (folder / "archive").write_bytes(data)
    digest = await sources.keep(folder / "archive")
    os.utime(folder / "sources" / digest, (at_s, at_s))
    return digest


async def test_what_is_needed_stays_and_nothing_else(tmp_path: Path) -> None:
    sources = Sources(tmp_path / "sources", 0)
    first, second = [await kept(sources, tmp_path, data, 1) for data in (b"1", b"2")]
    await sources.clear([first])
    assert [await sources.has(digest) for digest in (first, second, "")] == [True, False, False]
    await sources.copy(first, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"1"


async def test_of_too_many_the_oldest_go(tmp_path: Path) -> None:
    sources = Sources(tmp_path / "sources", 250)
    digests = [await kept(sources, tmp_path, bytes([n]) * 100, n) for n in range(1, 5)]
    await sources.clear(digests)
    assert [await sources.has(digest) for digest in digests] == [False, False, True, True]


async def test_nothing_is_cleared_where_nothing_was_kept(tmp_path: Path) -> None:
    await Sources(tmp_path / "sources", 0).clear([])
