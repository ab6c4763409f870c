"""Who has signed in with a browser: one-time tickets, and the sessions they are exchanged for.

A token is known to whoever holds it alone: the store has its hash, so that reading the store opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from orchestrator.store import keys
from orchestrator.store.connection import Client

TICKET_S: Final = 60
SESSION_S: Final = 7 * 24 * 3600
"""Since it was last used."""
_TOKEN_BYTES: Final = 32


class Sessions:
    """Tickets and sessions; both are worth nothing once `api_key` is another, or the key they were made with was revoked."""

    def __init__(self, client: Client, api_key: str | None, has_key: Callable[[str, str], Awaitable[bool]]) -> None:
        """`has_key` says whether the key of this name is the one of this hash."""
        self._client = client
        self._has_key = has_key
        self._mark = _hash(api_key or "")

    async def issue_ticket(self, maker: tuple[str, str] | None = None) -> str:
        """A ticket, good once within `TICKET_S`, made with the key of this name and hash: None for the first one."""
        ticket = secrets.token_urlsafe(_TOKEN_BYTES)
        made_with = ":".join((self._mark, *maker)) if maker else self._mark
        await self._client.set(keys.ticket(_hash(ticket)), made_with, ex=TICKET_S)
        return ticket

    async def redeem(self, ticket: str) -> str | None:
        """The token of a new session; None when the ticket was used already, is too old, or none."""
        made_with = await self._client.getdel(keys.ticket(_hash(ticket)))
        if not await self._stands(made_with):
            return None
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        await self._client.set(keys.session(_hash(token)), made_with, ex=SESSION_S)
        return token

    async def use(self, token: str) -> bool:
        """Whether the session goes on, which it then does for another `SESSION_S`."""
        return await self._stands(await self._client.getex(keys.session(_hash(token)), ex=SESSION_S))

    async def is_open(self, token: str) -> bool:
        """Whether the session goes on, which is not prolonged by that."""
        return await self._stands(await self._client.get(keys.session(_hash(token))))

    async def _stands(self, made_with: str | None) -> bool:
        mark, _, key = (made_with or "").partition(":")
        name, _, hash_ = key.partition(":")
        return mark == self._mark and (not key or await self._has_key(name, hash_))

    async def close(self, token: str) -> None:
        """End the session."""
        await self._client.delete(keys.session(_hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
