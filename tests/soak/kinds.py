"""What the store's memory is used for, by kind of key: so that growth has a name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from orchestrator.store.connection import Client

_AT_ONCE: Final = 500
_VARYING: Final = re.compile(r"(?<=:)(?:[a-z]{3}-[0-9a-v]{20}|[0-9a-f]{16,}|\d+|\d{4}-\d\d-\d\d)(?=:|$)", re.ASCII)
_SHOWN: Final = 12


def kind_of(key: str) -> str:
    """The key without what differs from one to the next: ids, hashes, numbers, days."""
    return _VARYING.sub("*", key)


async def bytes_by_kind(client: Client) -> Mapping[str, int]:
    """How much memory all keys of each kind take, as Redis estimates it."""
    found: Counter[str] = Counter()
    names = [name async for name in client.scan_iter(count=_AT_ONCE)]
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        async with client.pipeline(transaction=False) as asking:
            for name in part:
                asking.memory_usage(name)
            for name, used_bytes in zip(part, await asking.execute(), strict=True):
                found[kind_of(name)] += used_bytes or 0
    return found


def table(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    """The kinds that take most, at two times."""
    most = sorted(after, key=lambda kind: -after[kind])[:_SHOWN]
    rows = (f"{before.get(kind, 0) / 2**10:10.0f}  {after[kind] / 2**10:10.0f}  KiB  {kind}" for kind in most)
    return "\n".join(rows)
