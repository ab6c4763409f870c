"""The key of workflows' variables: in the data directory, and the same for all orchestrators of a store."""

from __future__ import annotations

import contextlib
import logging

from redis.exceptions import RedisError

from orchestrator.app.data_dir import DataDir
from orchestrator.store.connection import Client
from orchestrator.store.env_cipher import EnvCipher, WrongKey, claim, encrypt_plain

log = logging.getLogger(__name__)


async def env_cipher(data_dir: DataDir, store: Client) -> EnvCipher:
    """What encrypts the store's variables, those of earlier releases included. Raises WrongKey when our key is not the store's."""
    try:
        cipher = EnvCipher(data_dir.env_key(EnvCipher.new_key))
        await claim(store, cipher)
    except WrongKey as error:
        raise WrongKey(
            f"{data_dir.env_key_path} does not fit: {error}. All orchestrators of a store need the same key: copy that file "
            "from the data directory that the store began with, or from its backup"
        ) from error
    if found := await encrypt_plain(store, cipher):
        with contextlib.suppress(
            RedisError
        ):  # what it logged before has them as they were; it may be rewriting already
            await store.bgrewriteaof()
        log.info("encrypted the variables of %d workflows and versions of an earlier release", found)
    return cipher
