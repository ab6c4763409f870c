from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.core.tasks import check
from orchestrator.core.workflow import BuildInputs, Source
from orchestrator.store import keys
from orchestrator.store.connection import Client, connect_binary
from orchestrator.store.env_cipher import EnvCipher, WrongKey, claim, encrypt_plain
from orchestrator.store.workflows.store import WorkflowStore

GOLDEN = Path(__file__).parent / "golden"
SECRET = "xyzzy-secret"


@pytest.fixture
def cipher() -> EnvCipher:
    return EnvCipher(EnvCipher.new_key())


@pytest.fixture
async def workflows(store: Client, redis_servers: tuple[str, str], cipher: EnvCipher) -> AsyncIterator[WorkflowStore]:
    binary = connect_binary(redis_servers[0])
    yield WorkflowStore(store, binary, cipher)
    await binary.aclose()


async def everything(store: Client) -> str:
    """All strings that the store holds."""
    found = [key for key in await store.keys("*") if await store.type(key) == "string" and "archive" not in key]
    return "\n".join([str(await store.get(key)) for key in found])


async def test_no_value_is_in_the_store_as_it_is(workflows: WorkflowStore, store: Client) -> None:
    workflow, version = await workflows.deploy("shop", Source("/"), "", {"TOKEN": SECRET}, b"", now_ms=1)
    ready = await workflows.release(version, check([{"name": "buy"}]), now_ms=2)
    assert SECRET not in await everything(store)
    assert (await workflows.get(workflow.id)).env == ready.env == {"TOKEN": SECRET}


async def test_what_a_build_is_given_is_encrypted_too(workflows: WorkflowStore, store: Client) -> None:
    inputs = BuildInputs({"A": SECRET}, {"TOKEN": SECRET})
    workflow = await workflows.configure("shop", Source("/"), "", {}, inputs, now_ms=1)
    version = await workflows.queue_version(workflow, archive=b"", now_ms=1)
    assert SECRET not in await everything(store)
    assert (await workflows.get("shop")).inputs == (await workflows.version(version.id)).inputs == inputs
    assert SECRET not in f"{workflow}{version}"


async def test_another_key_opens_nothing(cipher: EnvCipher) -> None:
    with pytest.raises(WrongKey, match="another key"):
        EnvCipher(EnvCipher.new_key()).decrypt(cipher.encrypt({"A": "1"}))


@pytest.mark.parametrize("key", ["", "short", "é", "x" * 44])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(WrongKey, match="no key of 32 bytes"):
        EnvCipher(key)


async def test_a_store_takes_the_first_key_and_no_other(store: Client, cipher: EnvCipher) -> None:
    await claim(store, cipher)
    await claim(store, cipher)
    with pytest.raises(WrongKey, match="another key"):
        await claim(store, EnvCipher(EnvCipher.new_key()))


async def test_variables_of_an_earlier_release_are_read_and_encrypted(
    workflows: WorkflowStore, store: Client, cipher: EnvCipher
) -> None:
    for key, index, name in (
        (keys.workflow("wfl-1"), keys.WORKFLOWS, "workflow"),
        (keys.version("wfv-1"), keys.VERSIONS, "version"),
    ):
        await store.set(key, (GOLDEN / f"{name}.json").read_text().replace('"A":"b"', f'"A":"{SECRET}"'))
        await store.zadd(index, {key.rpartition(":")[2]: 0})
    assert (await workflows.get("wfl-1")).env == {"A": SECRET}
    assert (await encrypt_plain(store, cipher), await encrypt_plain(store, cipher)) == (2, 0)
    assert SECRET not in await everything(store)
    assert (await workflows.get("wfl-1")).env == (await workflows.version("wfv-1")).env == {"A": SECRET}
