"""The key of workflows' variables: in the data directory, and the same for all orchestrators of a store."""

from __future__ import annotations

import contextlib
import logging

from redis.exceptions import RedisError

from orchestrator.app.data_dir import DataDir
from orchestrator.store.connection import Client
from orchestrator.store.env_cipher import EnvCipher, WrongKey, claim, encrypt_plain, forget_all

log = logging.getLogger(__name__)


async def env_cipher(data_dir: DataDir, store: Client, *, forget: bool = False) -> EnvCipher:
    """What encrypts the store's variables, those of earlier releases included.

    Raises WrongKey when our key is not the store's; with `forget`, what the other has encrypted is forgotten instead.
    """
    try:
        cipher = EnvCipher(data_dir.env_key(EnvCipher.new_key))
        await _claim(store, cipher, forget=forget)
    except WrongKey as error:
        raise WrongKey(
            f"{data_dir.env_key_path} does not fit: {error}. All orchestrators of a store need the same key: copy that file "
            "from the data directory that the store began with, or from its backup. If it is lost, so are all variables: "
            "start once with ORCHESTRATOR_FORGET_VARIABLES=1, set them again, and deploy each workflow again"
        ) from error
    if found := await encrypt_plain(store, cipher):
        with contextlib.suppress(
            RedisError
        ):  # what it logged before has them as they were; it may be rewriting already
            await store.bgrewriteaof()
        log.info("encrypted the variables of %d workflows and versions of an earlier release", found)
    return cipher


async def _claim(store: Client, cipher: EnvCipher, *, forget: bool) -> None:
    try:
        await claim(store, cipher)
    except WrongKey:
        if not forget:
            raise
        found = await forget_all(store, cipher)
        log.warning("forgot the variables of %d workflows and versions: their key is another", found)
