"""Keys of the API beside the first one, which is a file: named, limited to scopes, and revocable.

A key is known to whoever was given it alone: the store has its hash, so that reading the store opens nothing.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from orchestrator.core.access import Scope, is_name
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator_runtime import json_text

_PREFIX: Final = "orc_"
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without its secret."""

    name: str
    scopes: tuple[Scope, ...]
    created_at_ms: int
    hash: str


class ApiKeys:
    """All keys; one that is revoked is refused from the next request on."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, name: str, scopes: Iterable[Scope], *, now_ms: int) -> str | None:
        """A new key's text, which is told this once; None when there is one of that name."""
        token = f"{_PREFIX}{name}.{secrets.token_urlsafe(_SECRET_BYTES)}"
        document = {"scopes": sorted(set(scopes)), "createdAtMs": now_ms, "hash": _hash(token)}
        is_new = await self._client.hsetnx(keys.API_KEYS, name, json_text.dumps(document))
        return token if is_new else None

    async def find(self, token: str) -> ApiKey | None:
        """The key that this is; None when there is none, or no longer."""
        name = token.removeprefix(_PREFIX).partition(".")[0]
        if not token.startswith(_PREFIX) or not is_name(name):
            return None
        stored = await self._client.hget(keys.API_KEYS, name)
        found = None if stored is None else _read(name, stored)
        return found if found and hmac.compare_digest(found.hash, _hash(token)) else None

    async def has(self, name: str, hash_: str) -> bool:
        """Whether the key of this name is still the one that has this hash."""
        stored = await self._client.hget(keys.API_KEYS, name)
        return stored is not None and hmac.compare_digest(_read(name, stored).hash, hash_)

    async def all(self) -> list[ApiKey]:
        """By name."""
        stored = await self._client.hgetall(keys.API_KEYS)
        return [_read(name, stored[name]) for name in sorted(stored)]

    async def revoke(self, name: str) -> bool:
        """Whether there was one of that name."""
        return bool(await self._client.hdel(keys.API_KEYS, name))


def _read(name: str, stored: str) -> ApiKey:
    document = json_text.loads(stored)
    scopes = tuple(Scope(scope) for scope in document["scopes"])
    return ApiKey(name, scopes, document["createdAtMs"], document["hash"])


def _hash(token: str) -> str:
    return sha256(token.encode(errors="surrogateescape")).hexdigest()
