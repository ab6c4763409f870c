"""The lease: of all orchestrators on one store, exactly one schedules.

Nothing here depends on two clocks that agree. The holder renews the lease by raising its beat; who wants it waits until the
beat has stood still for a whole lease by its own clock, and takes it on the condition that it still does. The holder gives up by
its own clock well before that; and should it wake from a long pause and not know yet, the store refuses its token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from orchestrator.host.clock import uptime_ms
from orchestrator.store import keys
from orchestrator.store.connection import UNAVAILABLE, Client
from orchestrator.store.scripts.verbs import HOLD_LEASE, RELEASE_LEASE

_RENEWALS: Final = 5
"""In the time of one lease, while all is well."""
_TRUST: Final = 0.6
"""The part of the lease after which its holder gives it up, should the store not have confirmed it."""


class LeaseLost(Exception):  # noqa: N818
    """We do not schedule any more: another orchestrator does, or may soon."""


def accepted(changed: int) -> bool:
    """What a script says that was given a lease's token: 1, or 0 when nothing is to be changed. Raises LeaseLost for -1."""
    if changed < 0:
        raise LeaseLost("another orchestrator schedules now")
    return bool(changed)


class Lease:
    """One orchestrator's part of it; `owner` tells it from all others, save those that died in the same data directory."""

    def __init__(self, client: Client, owner: str, *, lease_s: float, now_ms: Callable[[], int] = uptime_ms) -> None:
        """`now_ms` is any clock that no setting of the time changes."""
        self._hold = HOLD_LEASE.on(client)
        self._release = RELEASE_LEASE.on(client)
        self._owner = owner
        self._lease_ms = round(lease_s * 1000)
        self._now_ms = now_ms
        self._token = ""
        self._valid_until_ms = 0
        self._seen_beat = ""
        self._seen_at_ms = 0
        self.leader = ""
        """Who held it when we last looked."""

    @property
    def token(self) -> str:
        """What the store compares before it changes a run for the scheduler. Raises LeaseLost."""
        self.check()
        return self._token

    def check(self) -> None:
        """Raises LeaseLost unless we hold it; call this before anything that only the holder may do."""
        if not self._token or self._now_ms() >= self._valid_until_ms:
            raise LeaseLost(f"{self.leader or 'nobody'} held the lease when we last looked")

    async def try_take(self) -> bool:
        """Take it if it is free, if an earlier process of ours held it, or if its holder has been silent for too long.

        Raises TimeoutError when the store does not answer before the lease would have to be given up again.
        """
        self._token = ""
        asked_at_ms = self._now_ms()
        has_waited = self._seen_beat and asked_at_ms - self._seen_at_ms >= self._lease_ms
        try:
            async with asyncio.timeout(self._lease_ms * _TRUST / 1000):
                is_ours, token, beat = await self._ask(self._seen_beat if has_waited else None)
        except (*UNAVAILABLE, TimeoutError):
            self._seen_beat = ""  # the holder could not renew it either
            raise
        if is_ours:
            self._token, self._seen_beat = token, ""
            self._trust_since(asked_at_ms)
        elif beat != self._seen_beat:
            self._seen_beat, self._seen_at_ms = beat, self._now_ms()
        return is_ours

    async def keep(self) -> None:
        """Renew it for ever. Raises LeaseLost when it is another's, or could not be renewed."""
        while True:
            await asyncio.sleep(self._lease_ms / _RENEWALS / 1000)
            await self.renew()

    async def renew(self) -> None:
        """Renew it once. Raises LeaseLost when it is another's, or has run out before the store answered."""
        asked_at_ms = self._now_ms()
        try:
            async with asyncio.timeout((self._valid_until_ms - asked_at_ms) / 1000):
                is_ours, _, _ = await self._ask(None)
        except (*UNAVAILABLE, TimeoutError) as error:
            if self._now_ms() >= self._valid_until_ms:
                raise LeaseLost(f"the store did not renew the lease: {str(error) or 'it does not answer'}") from error
            return
        if not is_ours:
            self._token = ""
            raise LeaseLost(f"{self.leader} schedules now")
        self._trust_since(asked_at_ms)

    async def release(self) -> None:
        """Give it back, so that another can take it at once."""
        token, self._token = self._token, ""
        if token:
            await self._release(lease=keys.LEASE, token=token)

    async def _ask(self, silent_beat: str | None) -> tuple[bool, str, str]:
        is_ours, token, beat, self.leader = await self._hold(
            lease=keys.LEASE, owner=self._owner, token=self._token or None, silent_beat=silent_beat
        )
        return bool(is_ours), token, beat

    def _trust_since(self, asked_at_ms: int) -> None:
        self._valid_until_ms = asked_at_ms + round(self._lease_ms * _TRUST)
