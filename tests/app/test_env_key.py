from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.app.env_key import env_cipher
from orchestrator.core.workflow import Source
from orchestrator.store.connection import Client, connect_binary
from orchestrator.store.env_cipher import WrongKey
from orchestrator.store.workflows.store import WorkflowStore


async def test_the_key_is_made_once_and_for_its_owner_alone(store: Client, tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path)
    first = await env_cipher(data_dir, store)
    second = await env_cipher(data_dir, store)
    assert first.fingerprint == second.fingerprint
    assert data_dir.env_key_path.stat().st_mode & 0o777 == 0o600


async def test_a_second_orchestrator_of_a_store_is_told_to_copy_the_key(store: Client, tmp_path: Path) -> None:
    first, second = DataDir(tmp_path / "first"), DataDir(tmp_path / "second")
    await env_cipher(first, store)
    with pytest.raises(WrongKey, match=r"second/env-key does not fit: .* copy that file from the data directory"):
        await env_cipher(second, store)
    second.env_key_path.write_text(first.env_key_path.read_text())
    await env_cipher(second, store)


async def test_a_file_that_is_no_key_is_named(store: Client, tmp_path: Path) -> None:
    (tmp_path / "env-key").write_text("nonsense\n")
    with pytest.raises(WrongKey, match="env-key does not fit: it is no key"):
        await env_cipher(DataDir(tmp_path), store)


async def test_variables_whose_key_is_lost_can_be_forgotten(
    store: Client, redis_servers: tuple[str, str], tmp_path: Path
) -> None:
    binary = connect_binary(redis_servers[0])
    first = await env_cipher(DataDir(tmp_path / "first"), store)
    await WorkflowStore(store, binary, first).deploy("shop", Source("/"), "", {"TOKEN": "x"}, b"", now_ms=1)
    second = await env_cipher(DataDir(tmp_path / "second"), store, forget=True)
    workflows = WorkflowStore(store, binary, second)
    assert (await workflows.get("shop")).env == (await workflows.versions())[0].env == {}
    await env_cipher(DataDir(tmp_path / "second"), store)
    await binary.aclose()
