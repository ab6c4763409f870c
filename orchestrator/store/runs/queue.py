"""The queue: of each workflow the trees that have queued runs, and of each tree its queued runs in order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, TypedDict

from orchestrator.core.runs.run import Run, Status
from orchestrator.core.scheduling import waits
from orchestrator.core.scheduling.dispatch import QueuedRun
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.documents import load_run
from orchestrator.store.scripts.verbs import QUEUE_HEAD, REQUEUE

_DEPTH_WEIGHT: Final = 10_000_000_000_000
"""One level of depth outweighs any age in ms; with depth ≤ 500 the score stays an exact double."""

_MOVES: Final = 500
"""Runs set aside, or put back, by one script: a millisecond or two for the server."""
_RESERVES_PLAN: Final = " plan"
_WHY_S: Final = 15

_OLD_QUEUE: Final = "orc:queue"
"""Where earlier releases had all queued runs."""


def member(run: Run) -> str:
    """What the queue knows of a run, beside its place."""
    return f"{run.id} {run.plan} {run.task_id} {run.version_id}{_RESERVES_PLAN if run.reserves_plan else ''}"


def score(run: Run) -> int:
    """Deeper runs first, then older ones."""
    return run.created_at_ms - run.depth * _DEPTH_WEIGHT


@dataclass(frozen=True, slots=True)
class Head:
    """The runs that may be next, and the ids of workflows and tasks that are paused."""

    runs: list[QueuedRun]
    paused: frozenset[str] = frozenset()


class Places(TypedDict):
    """The keys under which a run is queued."""

    queue_length: keys.Key
    queue_workflows: keys.Key
    queue_trees: keys.Key
    queue_tree: keys.Key


def places(run: Run) -> Places:
    """Where a run is queued."""
    return Places(
        queue_length=keys.QUEUE_LENGTH,
        queue_workflows=keys.QUEUE_WORKFLOWS,
        queue_trees=keys.queue_trees(run.workflow_id),
        queue_tree=keys.queue_tree(run.root_id),
    )


class Queue:
    """Reads the queue; runs enter and leave it in the scripts that change them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._head = QUEUE_HEAD.on(client)
        self._requeue = REQUEUE.on(client)

    async def head(self, count: int, holding: frozenset[str] = frozenset()) -> Head:
        """The runs that may be next: of each workflow the first runs of its `count` oldest trees, some `count` runs in all.

        Of the trees in `holding`, which have attempts, they are there too, however many are older. What is paused is not.
        """
        moved = _MOVES
        while moved == _MOVES:  # what was set aside may have hidden more of the same
            moved, paused, answer = await self._head(
                workflows=keys.QUEUE_WORKFLOWS,
                paused=keys.PAUSED,
                asides=keys.QUEUE_ASIDES,
                trees_prefix=keys.queue_trees(""),
                tree_prefix=keys.queue_tree(""),
                aside_prefix=keys.queue_aside(""),
                count=count,
                most_moves=_MOVES,
                holding=" ".join(sorted(holding)) or None,
            )
        runs = [
            _queued_run(workflow_id, root_id, text, int(score))
            for workflow_id, root_id, runs in answer
            for text, score in zip(runs[::2], runs[1::2], strict=True)
        ]
        return Head(runs, frozenset(paused))

    async def length(self) -> int:
        """How many runs wait for capacity."""
        return int(await self._client.get(keys.QUEUE_LENGTH) or 0)

    async def say_why(self, why: str) -> None:
        """Note why the next run does not start, for as long as it is likely to hold; empty when nothing keeps it."""
        await self._client.set(keys.QUEUE_WHY, why, ex=_WHY_S) if why else await self._client.delete(keys.QUEUE_WHY)

    async def explained(self, runs: Sequence[Run], now_ms: int) -> list[Run]:
        """The runs with what they wait for: of those in the queue why the next does not start, and about how many are ahead.

        Ahead are those of its tree that come first, and the older trees of its workflow, which each have their turn.
        """
        queued = [run for run in runs if run.status is Status.QUEUED and run.waits_for is None]
        turns = dict(zip((run.id for run in queued), await self._turns(queued), strict=True)) if queued else {}
        return [_explained(run, turns.get(run.id), now_ms) for run in runs]

    async def why(self) -> str | None:
        """Why the next run does not start, where that is known."""
        found: str | None = await self._client.get(keys.QUEUE_WHY)
        return found

    async def _turns(self, queued: Sequence[Run]) -> list[str]:
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.get(keys.QUEUE_WHY)
            for run in queued:
                pipe.zrank(keys.queue_tree(run.root_id), member(run))
                pipe.zrank(keys.queue_trees(run.workflow_id), run.root_id)
                pipe.hmget(keys.PAUSED, run.workflow_id, run.task_id)
            why, *found = await pipe.execute()
        return [
            _paused(pauses) or waits.turn(why, (in_tree or 0) + (trees or 0))
            for in_tree, trees, pauses in zip(found[::3], found[1::3], found[2::3], strict=True)
        ]

    async def adopt_old(self) -> int:
        """Queue again what an earlier release queued; returns how many runs there were. Safe to repeat."""
        moved = 0
        while entries := await self._client.zrange(_OLD_QUEUE, 0, 99):
            for entry in entries:
                moved += await self._adopt(entry)
        return moved

    async def _adopt(self, entry: str) -> bool:
        run_id = entry.split(" ", 1)[0]
        document = await self._client.hget(keys.run(run_id), "doc")
        run = load_run(document) if document is not None else None
        if run is None or run.status is not Status.QUEUED:
            await self._client.zrem(_OLD_QUEUE, entry)
            return False
        return bool(
            await self._requeue(
                old_queue=keys.Key(_OLD_QUEUE),
                **places(run),
                old_member=entry,
                queue_member=member(run),
                queue_score=score(run),
                root_id=run.root_id,
                workflow_id=run.workflow_id,
            )
        )


@lru_cache(maxsize=1024)  # while it waits, a run is read at every look at the queue
def _queued_run(workflow_id: str, root_id: str, text: str, score: int) -> QueuedRun:
    run_id, plan, task_id, version_id = text.removesuffix(_RESERVES_PLAN).split(" ")
    depth, created_at_ms = -(score // _DEPTH_WEIGHT), score % _DEPTH_WEIGHT
    return QueuedRun(
        run_id,
        plan,
        depth,
        created_at_ms,
        root_id=root_id,
        workflow_id=workflow_id,
        task_id=task_id,
        version_id=version_id,
        reserves_plan=text.endswith(_RESERVES_PLAN),
    )


def _explained(run: Run, turn: str | None, now_ms: int) -> Run:
    if run.waits_for is not None:
        return run
    if run.status is Status.STARTING:
        turn = waits.STARTING
    elif run.status is Status.BACKOFF:
        turn = waits.retry(run.due_at_ms, now_ms)
    return run if turn is None else replace(run, waits_for=turn)


def _paused(pauses: Sequence[str | None]) -> str | None:
    """What a run waits for whose workflow or task is paused."""
    for what, text in zip(("workflow", "task"), pauses, strict=True):
        if text is not None:
            _, reason = json.loads(text)
            return waits.paused(what, reason)
    return None
