"""What goes when it has been kept for long enough: finished trees of runs, and versions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from orchestrator.core.retention import FinishedTree, Held
from orchestrator.core.workflow import Version
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.documents import load_run
from orchestrator.store.lease import Lease, accepted
from orchestrator.store.runs import annotations as said
from orchestrator.store.runs import indexes
from orchestrator.store.scripts.verbs import REMOVE_RUN, REMOVE_VERSION

_CHUNK: Final = 100


class Removal:
    """Removes; with a lease, as the scheduler, and refused once that is lost."""

    def __init__(self, client: Client, lease: Lease | None = None) -> None:
        self._client = client
        self._lease = lease
        self._remove_run = REMOVE_RUN.on(client)
        self._remove_version = REMOVE_VERSION.on(client)

    async def held(self) -> Held:
        """What the store holds."""
        async with self._client.pipeline(transaction=False) as pipe:
            for key in indexes.split(keys.RUNS, indexes.ENDED):
                pipe.zcard(key)
            pipe.info("memory")
            *counts, memory = await pipe.execute()
        return Held(sum(counts), int(memory["used_memory"]), int(memory["maxmemory"]))

    async def oldest_trees(self, count: int) -> list[FinishedTree]:
        """The trees that finished first, in that order."""
        found = await self._client.zrange(keys.FINISHED, 0, count - 1, withscores=True)
        async with self._client.pipeline(transaction=False) as pipe:
            for root_id, _ in found:
                for key in _descendants(root_id):
                    pipe.zcard(key)
            sizes = iter(await pipe.execute() if found else [])
        return [
            FinishedTree(root_id, int(finished_at_ms), 1 + sum(next(sizes) for _ in indexes.ENDED))
            for root_id, finished_at_ms in found
        ]

    async def remove_tree(self, root_id: str, spared: Collection[str]) -> bool:
        """Remove the runs of a finished tree save those `spared`; False when it is not all gone. Safe to repeat.

        Descendants go first, one by one: a tree that was left half way is still known by its root. Raises LeaseLost.
        """
        for key in _descendants(root_id):
            start = 0
            while chunk := await self._client.zrange(key, start, start + _CHUNK - 1):
                for run_id in chunk:
                    start += not await self._remove(run_id, root_id, spared)
        return await self._remove(root_id, root_id, spared)

    async def _remove(self, run_id: str, root_id: str, spared: Collection[str]) -> bool:
        if run_id in spared:
            return False
        doc, idempotency, *annotations = await self._client.hmget(keys.run(run_id), "doc", "idempotency", *said.FIELDS)
        run, by_tag = load_run(doc), said.indexes(said.load(*annotations))
        removed = await self._remove_run(
            run=keys.run(run_id),
            root=keys.run(root_id),
            finished=keys.FINISHED,
            lease=keys.LEASE,
            idempotency=idempotency,
            indexes=[*indexes.of(run), *by_tag],
            own=[keys.calls(run_id), *(keys.run_logs(run_id, attempt.number) for attempt in run.attempts)],
            descendants=_descendants(root_id) if run_id == root_id else [],
            run_id=run_id,
            lease_token=self._token(),
        )
        return accepted(removed)

    async def remove_version(self, version: Version, *, now_ms: int) -> bool:
        """Remove the version; False when an unfinished run needs it, or it serves. Raises LeaseLost."""
        removed = await self._remove_version(
            version=keys.version(version.id),
            archive=keys.archive(version.id),
            logs=keys.version_logs(version.id),
            usage=keys.version_usage(version.id),
            versions=keys.VERSIONS,
            versions_of_workflow=keys.versions_of(version.workflow_id),
            retired=keys.RETIRED,
            workflow=keys.workflow(version.workflow_id),
            lease=keys.LEASE,
            unfinished=indexes.split(keys.runs_by("version", version.id), indexes.UNFINISHED),
            version_id=version.id,
            now_ms=now_ms,
            retired_ttl_ms=keys.RETIRED_TTL_MS,
            lease_token=self._token(),
        )
        return accepted(removed)

    def _token(self) -> str | None:
        return self._lease.token if self._lease else None


def _descendants(root_id: str) -> list[keys.Key]:
    """The indexes of a finished tree's runs, all but the root."""
    return indexes.split(keys.runs_by("root", root_id), indexes.ENDED)
