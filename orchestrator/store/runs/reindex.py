"""Puts what earlier releases stored into indexes that came after them."""

from __future__ import annotations

from functools import partial
from typing import Final

from orchestrator.host.retrying import persist
from orchestrator.store import keys
from orchestrator.store.connection import UNAVAILABLE, Client
from orchestrator.store.documents import load_run
from orchestrator.store.runs import indexes
from orchestrator.store.scripts.verbs import INDEX_ROOT

_CHUNK: Final = 100
_RETRY_S: Final = 1.0


async def index_what_is_old(client: Client) -> None:
    """Do it until it is done, whatever the store does meanwhile."""
    await persist(partial(index_roots, client), despite=UNAVAILABLE, wait_s=_RETRY_S)


async def index_roots(client: Client) -> int:
    """Put every root into the index of roots; returns how many were looked at. Safe to repeat, and done once.

    Until it is done, lists of roots look at documents instead.
    """
    if await client.exists(keys.INDEXED):
        return 0
    seen = 0
    for word in indexes.WORDS:
        seen += await _index(client, word)
    await client.set(keys.INDEXED, "1")
    return seen


async def _index(client: Client, word: str) -> int:
    index_root = INDEX_ROOT.on(client)
    (index,), (of_roots,) = indexes.split(keys.RUNS, [word]), indexes.split(keys.ROOTS, [word])
    position, seen = "-", 0
    while chunk := await client.zrange(index, position, "+", bylex=True, offset=0, num=_CHUNK):
        async with client.pipeline(transaction=False) as pipe:
            for run_id in chunk:
                pipe.hget(keys.run(run_id), "doc")
            runs = [load_run(doc) for doc in await pipe.execute() if doc is not None]
        for run in runs:
            if run.id == run.root_id:
                await index_root(run=keys.run(run.id), index=of_roots, run_id=run.id, status=run.status)
        position, seen = f"({chunk[-1]}", seen + len(chunk)
    return seen
