"""Variables encrypted at rest: the store has them under a key that only the data directories of its orchestrators have."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken
from pydantic_core import from_json, to_json

from orchestrator.store import keys
from orchestrator.store.connection import Client

Stored = str | dict[str, str]
"""Variables as a document has them: encrypted, or, of earlier releases and when there are none, as they are."""

_FINGERPRINTED: Final = b"the variables of this store"


class WrongKey(ValueError):  # noqa: N818
    """The store's variables were encrypted with another key, or what was given is none; the message says which."""


class EnvCipher:
    """Encrypts and authenticates variables (Fernet: AES-128-CBC, HMAC-SHA256)."""

    def __init__(self, key: str) -> None:
        """`key` is what `new_key` makes. Raises WrongKey for anything else."""
        try:
            self._fernet = Fernet(key)
        except ValueError as error:
            raise WrongKey("it is no key of 32 bytes in URL-safe base64") from error
        self.fingerprint = hmac.new(key.encode(), _FINGERPRINTED, hashlib.sha256).hexdigest()[:32]

    @staticmethod
    def new_key() -> str:
        """A key."""
        return Fernet.generate_key().decode()

    def encrypt(self, env: Mapping[str, str]) -> Stored:
        """What the store has instead of the variables; none need no hiding."""
        return self._fernet.encrypt(json.dumps(dict(env)).encode()).decode() if env else {}

    def decrypt(self, stored: Stored) -> dict[str, str]:
        """The variables; earlier releases stored them as they are. Raises WrongKey."""
        if not isinstance(stored, str):
            return stored
        try:
            found: dict[str, str] = json.loads(self._fernet.decrypt(stored))
        except InvalidToken:
            raise WrongKey("the variables were encrypted with another key") from None
        return found


async def claim(client: Client, cipher: EnvCipher) -> None:
    """Make this key the store's; the first orchestrator's counts. Raises WrongKey when the store has another."""
    await client.hsetnx(keys.INSTANCE, "env_key", cipher.fingerprint)
    if await client.hget(keys.INSTANCE, "env_key") != cipher.fingerprint:
        raise WrongKey("the store's variables were encrypted with another key")


async def encrypt_plain(client: Client, cipher: EnvCipher) -> int:
    """Encrypt the variables that an earlier release stored as they are; how many documents had some."""
    return await _rewrite(client, lambda env: cipher.encrypt(env) if isinstance(env, dict) else env)


async def forget_all(client: Client, cipher: EnvCipher) -> int:
    """Make this key the store's, and forget the variables that another has encrypted; how many documents had some."""
    await client.hset(keys.INSTANCE, "env_key", cipher.fingerprint)
    return await _rewrite(client, lambda env: {} if isinstance(env, str) else env)


async def _rewrite(client: Client, change: Callable[[Stored], Stored]) -> int:
    workflow_ids = await client.zrange(keys.WORKFLOWS, 0, -1)
    version_ids = await client.zrange(keys.VERSIONS, 0, -1)
    found = 0
    for key in [*map(keys.workflow, workflow_ids), *map(keys.version, version_ids)]:
        fields = from_json(await client.get(key) or "{}")
        if (changed := rewritten(fields, change)) != fields:
            await client.set(key, to_json(changed), xx=True)
            found += 1
    return found


def rewritten(fields: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """A document with all its variables changed: those of runs, and what builds are given."""
    changed = {**fields, "env": change(fields["env"])} if fields.get("env") else fields
    if inputs := fields.get("inputs"):
        changed = {**changed, "inputs": {name: change(one) for name, one in inputs.items()}}
    return changed
