"""Who has signed in with a browser: one-time tickets, and the sessions they are exchanged for.

A token is known to whoever holds it alone: the store has its hash, so that reading the store opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from orchestrator.store import keys
from orchestrator.store.connection import Client

TICKET_S: Final = 60
SESSION_S: Final = 7 * 24 * 3600
"""Since it was last used."""
_TOKEN_BYTES: Final = 32


class Sessions:
    """Tickets and sessions; both are worth nothing once `api_key` is another, by which they were made."""

    def __init__(self, client: Client, api_key: str | None) -> None:
        self._client = client
        self._mark = _hash(api_key or "")

    async def issue_ticket(self) -> str:
        """A ticket, good once within `TICKET_S`."""
        ticket = secrets.token_urlsafe(_TOKEN_BYTES)
        await self._client.set(keys.ticket(_hash(ticket)), self._mark, ex=TICKET_S)
        return ticket

    async def redeem(self, ticket: str) -> str | None:
        """The token of a new session; None when the ticket was used already, is too old, or none."""
        if await self._client.getdel(keys.ticket(_hash(ticket))) != self._mark:
            return None
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        await self._client.set(keys.session(_hash(token)), self._mark, ex=SESSION_S)
        return token

    async def is_open(self, token: str) -> bool:
        """Whether the session goes on, which it then does for another `SESSION_S`."""
        return bool(await self._client.getex(keys.session(_hash(token)), ex=SESSION_S) == self._mark)

    async def close(self, token: str) -> None:
        """End the session."""
        await self._client.delete(keys.session(_hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
