"""Who asks for how much: each key has an allowance, and so has each address from which somebody asks without one."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from orchestrator.api.requests.refused import Refused
from orchestrator.core.allowance import Allowance, Limits

_KNOWN: Final = 1_000
"""With more, those who have asked for nothing lately are forgotten."""


class Allowances:
    """Those of one instance."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._of: dict[str, Allowance] = {}

    @contextlib.contextmanager
    def request(self, who: str) -> Iterator[None]:
        """One request, for as long as it is open. Raises Refused."""
        allowance = self._allowance(who)
        if wait_s := allowance.take(time.monotonic()):
            rate = self._limits.requests_per_s
            raise _too_many(f"{who} asks for more than {rate:,g} requests a second", wait_s, "KEY_REQUESTS_PER_S")
        if allowance.open_requests >= self._limits.open_requests:
            count = self._limits.open_requests
            raise _too_many(f"{who} has {count:,} requests and streams open", 1.0, "KEY_OPEN_REQUESTS")
        allowance.open_requests += 1
        try:
            yield
        finally:
            allowance.open_requests -= 1

    def _allowance(self, who: str) -> Allowance:
        found = self._of.get(who)
        if found is None:
            found = self._of[who] = Allowance(self._limits, time.monotonic())
            if len(self._of) > _KNOWN:
                self._forget(who)
        return found

    def _forget(self, newest: str) -> None:
        now_s = time.monotonic()
        self._of = {who: one for who, one in self._of.items() if who == newest or not one.is_untouched(now_s)}


def _too_many(what: str, wait_s: float, setting: str) -> Refused:
    message = f"{what}: ask again in a moment, or allow more (ORCHESTRATOR_{setting})"
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests", message, {"Retry-After": str(math.ceil(wait_s))})
