"""What addresses the names of hosts have, asked again and again."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterable
from typing import Final

from orchestrator.core.container.network import INTERNET, range_of

KEPT_S: Final = 3_600.0
"""A name with many addresses answers with some of them: what it had an hour ago may still be what a program asks for."""
ADDRESSES_LIMIT: Final = 64
"""Of one name, the newest."""
_ANSWER_S: Final = 5.0


class Names:
    """Remembers what DNS answered to this host."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._seen_s: dict[str, dict[str, float]] = {}

    async def look_up(self, names: Iterable[str]) -> None:
        """Ask for the addresses of all; a name without an answer keeps those it had, for a while."""
        names = list(names)
        self._seen_s = {name: self._seen_s.get(name, {}) for name in names}
        for name, addresses in zip(names, await asyncio.gather(*map(_addresses, names)), strict=True):
            self._note(name, addresses)

    def ranges(self, places: Iterable[str]) -> tuple[str, ...]:
        """The ranges among the places, and the addresses of the names among them."""
        found: set[str] = set()
        for place in places:
            if (known := range_of(place)) is not None:
                found.add(str(known))
            elif place != INTERNET:
                found |= {f"{address}/32" for address in self._seen_s.get(place, ())}
        return tuple(sorted(found))

    def _note(self, name: str, addresses: Iterable[str]) -> None:
        now_s = self._clock_s()
        seen = self._seen_s[name] | dict.fromkeys(addresses, now_s)
        newest = sorted((-at_s, one) for one, at_s in seen.items() if now_s - at_s < KEPT_S)[:ADDRESSES_LIMIT]
        self._seen_s[name] = {one: -at_s for at_s, one in newest}


async def _addresses(name: str) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_ANSWER_S):
            found = await loop.getaddrinfo(name, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return []
    return [str(address[0]) for *_, address in found]
