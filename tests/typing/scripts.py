"""What a type checker must refuse of a call of a script: each ``type: ignore`` is the assertion that its line is an error."""

from __future__ import annotations

from typing import assert_type

from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.scripts.verbs import RELEASE_LEASE, REMOVE_VERSION


async def a_script_is_called_by_name(client: Client) -> None:
    remove, unfinished = REMOVE_VERSION.on(client), [keys.run("trn-1")]
    removed = await remove(
        version=keys.version("wfv-1"),
        archive=keys.archive("wfv-1"),
        logs=keys.version_logs("wfv-1"),
        usage=keys.version_usage("wfv-1"),
        versions=keys.VERSIONS,
        versions_of_workflow=keys.versions_of("wfl-1"),
        retired=keys.RETIRED,
        workflow=keys.workflow("wfl-1"),
        lease=keys.LEASE,
        unfinished=unfinished,
        version_id="wfv-1",
        now_ms=0,
        retired_ttl_ms=1,
        lease_token=None,
    )
    assert_type(removed, int)


async def mistakes_are_found(client: Client) -> None:
    release = RELEASE_LEASE.on(client)
    await release(lease="orc:lease", token="1")  # type: ignore[arg-type]
    await release(lease=keys.LEASE, token=1)  # type: ignore[arg-type]
    await release(lease=keys.LEASE, token=None)  # type: ignore[arg-type]
    await release(lease=keys.LEASE, tokn="1")  # type: ignore[call-arg]
    await release(lease=keys.LEASE)  # type: ignore[call-arg]
    await release(keys.LEASE, "1")  # type: ignore[call-arg]
