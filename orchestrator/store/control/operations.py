"""Operations on many runs: which runs is settled when one begins, and how far it is, is kept with every run of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, cast

from orchestrator.store import ids, keys
from orchestrator.store.connection import Client
from orchestrator.store.lease import Lease, accepted
from orchestrator.store.scripts.verbs import ADVANCE_OPERATION, END_OPERATION

RUNS_LIMIT: Final = 10_000
"""Of one operation."""
KEPT: Final = 200
_CHUNK: Final = 1_000

Action = Literal["cancel", "rerun"]
OperationStatus = Literal["running", "completed", "stopped"]


class OperationNotFound(LookupError):  # noqa: N818
    """There is no such operation."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What is done to `matched` runs: `done` of them went well, `failed` not, the latest for the reason `error`.

    `filter_json` is what was asked for, in the words of the API. `is_limited`: more runs matched, and are left alone.
    """

    id: str
    action: Action
    filter_json: str
    created_at_ms: int
    matched: int
    on_current_version: bool = False
    is_limited: bool = False
    done: int = 0
    failed: int = 0
    error: str = ""
    status: OperationStatus = "running"
    ended_at_ms: int = 0

    @property
    def position(self) -> int:
        """How many of its runs were dealt with."""
        return self.done + self.failed


class Operations:
    """All of them, of which the newest are kept; with a lease, who carries them out."""

    def __init__(self, client: Client, lease: Lease | None = None) -> None:
        self._client = client
        self._lease = lease
        self._advance = ADVANCE_OPERATION.on(client)
        self._end = END_OPERATION.on(client)

    async def begin(self, operation: Operation, run_ids: list[str], *, now_ms: int) -> Operation:
        """Store it, with an id of its own, and the runs it is about, at once; the scheduler carries it out."""
        operation = replace(operation, id=ids.new_id(ids.OPERATION, now_ms), matched=len(run_ids))
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.hset(keys.operation(operation.id), mapping=_fields(operation))
            for start in range(0, len(run_ids), _CHUNK):
                pipe.rpush(keys.operation_runs(operation.id), *run_ids[start : start + _CHUNK])
            pipe.zadd(keys.OPERATIONS, {operation.id: 0})
            pipe.zadd(keys.OPERATIONS_OPEN, {operation.id: 0})
            await pipe.execute()
        await self._forget_old()
        return operation

    async def _forget_old(self) -> None:
        old = await self._client.zrange(keys.OPERATIONS, 0, -KEPT - 1)
        for operation_id in old:
            if await self._client.zscore(keys.OPERATIONS_OPEN, operation_id) is None:
                await self._client.delete(keys.operation(operation_id))
                await self._client.zrem(keys.OPERATIONS, operation_id)

    async def get(self, operation_id: str) -> Operation:
        """The operation as it is now. Raises OperationNotFound."""
        found = await self._client.hgetall(keys.operation(operation_id))
        if not found:
            raise OperationNotFound(f"there is no operation {operation_id}")
        return _parse(found)

    async def all(self) -> list[Operation]:
        """Those that are kept, newest first."""
        found = await self._client.zrange(keys.OPERATIONS, 0, -1, desc=True)
        async with self._client.pipeline(transaction=False) as pipe:
            for operation_id in found:
                pipe.hgetall(keys.operation(operation_id))
            return [_parse(fields) for fields in await pipe.execute() if fields]

    async def oldest_open(self) -> Operation | None:
        """The one that is next to be carried on."""
        found = await self._client.zrange(keys.OPERATIONS_OPEN, 0, 0)
        return await self.get(found[0]) if found else None

    async def next_runs(self, operation: Operation, count: int) -> list[str]:
        """The runs that follow on those that were dealt with."""
        start = operation.position
        return list(await self._client.lrange(keys.operation_runs(operation.id), start, start + count - 1))

    async def advance(self, operation: Operation, *, error: str | None = None) -> Operation | None:
        """Count the next run, which failed where there is an error; None when it was stopped, or counted by others.

        Raises LeaseLost.
        """
        outcome = "done" if error is None else "failed"
        counted = await self._advance(
            operation=keys.operation(operation.id),
            lease=keys.LEASE,
            lease_token=self._lease.token if self._lease else None,
            position=operation.position,
            outcome=outcome,
            error=error,
        )
        if not accepted(counted):
            return None
        if error is None:
            return replace(operation, done=operation.done + 1)
        return replace(operation, failed=operation.failed + 1, error=error)

    async def end(self, operation_id: str, status: OperationStatus, *, now_ms: int) -> bool:
        """Close it; False when it is over already. Safe to repeat."""
        ended = await self._end(
            operation=keys.operation(operation_id),
            runs=keys.operation_runs(operation_id),
            open=keys.OPERATIONS_OPEN,
            operation_id=operation_id,
            status=status,
            ended_at_ms=now_ms,
        )
        return bool(ended)


def _fields(operation: Operation) -> dict[str, Any]:
    return {name: int(value) if isinstance(value, bool) else value for name, value in asdict(operation).items()}


def _parse(fields: dict[str, str]) -> Operation:
    numbers = {name: int(fields[name]) for name in ("created_at_ms", "matched", "done", "failed", "ended_at_ms")}
    return Operation(
        id=fields["id"],
        action=cast(Action, fields["action"]),
        filter_json=fields["filter_json"],
        on_current_version=fields["on_current_version"] == "1",
        is_limited=fields["is_limited"] == "1",
        error=fields["error"],
        status=cast(OperationStatus, fields["status"]),
        **numbers,
    )
