"""Runs: created and changed by one script each, read by id, by index and in queue order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from orchestrator.core.container.forensics import Forensics
from orchestrator.core.runs import deadlines
from orchestrator.core.runs.annotations import NOTHING_SAID, Annotations
from orchestrator.core.runs.events import CancelDescendants, Event
from orchestrator.core.runs.lifecycle import Decision, IllegalEvent, decide
from orchestrator.core.runs.observer import NOBODY, Observer
from orchestrator.core.runs.run import ACTIVE, Run, Status
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.documents import dump_run, load_run
from orchestrator.store.lease import Lease, accepted
from orchestrator.store.runs import annotations as said
from orchestrator.store.runs import feed, indexes, metrics, queue
from orchestrator.store.runs.annotations import Annotated
from orchestrator.store.runs.left import note, with_notes
from orchestrator.store.scripts.verbs import ANNOTATE, APPLY, CREATE_RUN, NOTE_LEFT

MAX_DEPTH: Final = 500
"""Of chained runs below a root."""


class RunNotFound(LookupError):  # noqa: N818
    """There is no such run."""


class Disposition(Enum):
    """What became of a request for a run."""

    CREATED = "created"
    EXISTS = "exists"
    """The same request was made before; its run is returned."""
    REFUSED = "refused"
    """The parent's attempt is over, or being stopped."""
    FULL = "full"
    """Its tree holds as much of the store as one may."""
    RETIRED = "retired"
    """The version was removed a moment ago, as old."""
    OUTDATED = "outdated"
    """The workflow is not as it was when the request was understood."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A run with its input and result as JSON text; the result is None before it completed."""

    run: Run
    input: str
    result: str | None
    annotations: Annotations = NOTHING_SAID


@dataclass(frozen=True, slots=True)
class Cascade:
    """The descendants asked for by an ended attempt must be canceled; `entry` is how the store remembers it."""

    run_id: str
    attempt: int
    reason: str

    @property
    def entry(self) -> str:
        return f"{self.run_id} {self.attempt} {self.reason}"


class RunStore:
    """All runs; with a lease, changes are the scheduler's, and refused once it is lost."""

    def __init__(self, client: Client, lease: Lease | None = None, observer: Observer = NOBODY) -> None:
        """`observer` is told of every change made here."""
        self._client = client
        self._observer = observer
        self._lease = lease
        self._create = CREATE_RUN.on(client)
        self._apply = APPLY.on(client)
        self._annotate = ANNOTATE.on(client)
        self._note_left = NOTE_LEFT.on(client)
        self.queue = queue.Queue(client)

    async def create(
        self,
        run: Run,
        input_json: str,
        annotations: Annotations = NOTHING_SAID,
        *,
        idempotency_key: str = "",
        parent_fence: int = 0,
        workflow_digest: str | None = None,
        tree_limit_bytes: int | None = None,
    ) -> tuple[Disposition, str]:
        """Store a new run and queue it; the answer has the id of the run that now answers the request.

        A chained run (`run.call` set) is accepted only while its parent's attempt is running, under `parent_fence`; one with a
        `workflow_digest` (`Target.digest`) only while the workflow is as it was then. `tree_limit_bytes` is for inputs and results
        of all runs of its tree.
        """
        call = run.call
        disposition, run_id = await self._create(
            run=keys.run(run.id),
            root=keys.run(run.root_id),
            parent=keys.run(call.parent_id) if call else None,
            parent_calls=keys.calls(call.parent_id) if call else None,
            workflow=keys.workflow(run.workflow_id) if workflow_digest else None,
            idempotency=keys.idempotency(run.workflow_id, idempotency_key) if idempotency_key else None,
            **queue.places(run),
            timers=keys.TIMERS,
            retired=keys.RETIRED,
            feed=keys.FEED,
            metrics=metrics.key(run.task_id, run.created_at_ms),
            indexes=[*indexes.of(run), *said.indexes(annotations)],
            run_id=run.id,
            root_id=run.root_id,
            workflow_id=run.workflow_id,
            version_id=run.version_id,
            workflow_digest=workflow_digest,
            doc=dump_run(run),
            input=input_json,
            tags=said.tags_text(annotations),
            metadata=said.metadata_text(annotations) if annotations.metadata else None,
            call=f"{call.attempt}:{call.number}" if call else None,
            parent_attempt=call.attempt if call else None,
            parent_fence=parent_fence if call else None,
            idempotency_ttl_ms=keys.IDEMPOTENCY_TTL_MS,
            queue_member=queue.member(run),
            queue_score=queue.score(run),
            timer_ms=deadlines.timer_ms(run),
            metric=metrics.field(run.created_at_ms, Status.QUEUED),
            metrics_ttl_s=metrics.KEPT_S,
            feed_entry=feed.payload(run),
            feed_row=feed.row(run),
            feed_maxlen=keys.FEED_MAXLEN,
            tree_limit_bytes=tree_limit_bytes,
        )
        return Disposition(disposition), run_id

    async def tree_bytes(self, root_id: str) -> int:
        """What the inputs and results of a tree hold of the store."""
        return int(await self._client.hget(keys.run(root_id), "held") or 0)

    async def apply(self, before: Run, decision: Decision, *, result_json: str | None = None) -> bool:
        """Store the decided change; False, and nothing changed, when the run is no longer as `before` was.

        Raises LeaseLost.
        """
        run, ended_at_ms = decision.run, decision.run.completed_at_ms
        left, entered = indexes.moves(before, run)
        changed = await self._apply(
            run=keys.run(run.id),
            **queue.places(run),
            queue_aside=keys.queue_aside(run.task_id),
            timers=keys.TIMERS,
            active=keys.ACTIVE,
            cascades=keys.CASCADE,
            feed=keys.FEED,
            lease=keys.LEASE,
            root=keys.run(run.root_id),
            finished=keys.FINISHED,
            metrics=None if ended_at_ms is None else metrics.key(run.task_id, ended_at_ms),
            left=left,
            entered=entered,
            lease_token=self._lease.token if self._lease else None,
            expected_status=before.status,
            expected_attempt=before.attempt,
            expected_fence=before.fence,
            run_id=run.id,
            root_id=run.root_id,
            workflow_id=run.workflow_id,
            status=run.status,
            attempt=run.attempt,
            fence=run.fence,
            doc=dump_run(run),
            result=result_json,
            queue_member=queue.member(run),
            queue_score=queue.score(run) if run.status is Status.QUEUED else None,
            timer_ms=deadlines.timer_ms(run),
            is_active=run.status in ACTIVE,
            cascade=_cascade_entry(decision),
            ended_at_ms=ended_at_ms,
            metric=None if ended_at_ms is None else metrics.field(ended_at_ms, run.status),
            metrics_ttl_s=metrics.KEPT_S,
            feed_entry=feed.payload(run),
            feed_row=feed.row(run),
            feed_maxlen=keys.FEED_MAXLEN,
        )
        return accepted(changed)

    async def change(
        self,
        run_id: str,
        event: Event,
        *,
        now_ms: int,
        fence: int | None = None,
        result_json: str | None = None,
        known: Run | None = None,
    ) -> Decision | None:
        """Decide the event on the run as it is now, and store it; tries again when somebody else was faster.

        `known` is the run as it was when last seen: while the store still has it so, it is not read. One being stopped always
        is: its cause may change while all that is compared stays as it was.
        A change that is stored already is ours: the answer was lost, and the client asked again.

        None when another claim than `fence` is current. Raises RunNotFound, and IllegalEvent when the event does not apply.
        """
        decision = await self._change(run_id, event, now_ms=now_ms, fence=fence, result_json=result_json, known=known)
        if decision is not None:
            self._observer.changed(event, decision.run)
        return decision

    async def _change(
        self,
        run_id: str,
        event: Event,
        *,
        now_ms: int,
        fence: int | None,
        result_json: str | None,
        known: Run | None,
    ) -> Decision | None:
        decision = None
        if known is not None and known.status is not Status.STOPPING:
            decision = _decided(known, event, now_ms)
            if decision is not None and await self.apply(known, decision, result_json=result_json):
                return decision
        while True:
            before = await self.get(run_id)
            if decision is not None and decision.run == before:
                return decision
            if fence is not None and before.fence != fence:
                return None
            decision = decide(before, event, now_ms=now_ms)
            if await self.apply(before, decision, result_json=result_json):
                return decision

    async def annotate(self, run: Run, before: Annotations, after: Annotations) -> bool:
        """Keep what the run's current attempt says, which was `before`; False when the attempt is over. Raises LeaseLost.

        Nobody else writes it meanwhile. The feed tells of it by an entry that says what the run is anyway.
        """
        changed = await self._annotate(
            run=keys.run(run.id),
            feed=keys.FEED,
            lease=keys.LEASE,
            tagged=[key for key in said.indexes(after) if key not in said.indexes(before)],
            run_id=run.id,
            attempt=run.attempt,
            fence=run.fence,
            lease_token=self._lease.token if self._lease else None,
            tags=said.tags_text(after) if after.tags != before.tags else None,
            metadata=said.metadata_text(after) if after.metadata != before.metadata else None,
            progress=said.progress_text(after.progress)
            if after.progress and after.progress != before.progress
            else None,
            feed_entry=feed.payload(run),
            feed_row=feed.row(run, after.progress_of(run.attempt)),
            feed_maxlen=keys.FEED_MAXLEN,
        )
        return accepted(changed)

    async def left(self, run: Run, attempt: int, found: Forensics) -> None:
        """Keep when the attempt, which is over, was acknowledged and its container removed."""
        self._observer.left(run, attempt, found)
        await self._note_left(run=keys.run(run.id), note=note(attempt, found))

    async def get(self, run_id: str) -> Run:
        """The run. Raises RunNotFound."""
        doc = await self._client.hget(keys.run(run_id), "doc")
        if doc is None:
            raise RunNotFound(f"there is no run {run_id}")
        return load_run(doc)

    async def get_stored(self, run_id: str) -> Stored:
        """The run with its input and result. Raises RunNotFound."""
        fields = ("doc", "input", "result", "left", *said.FIELDS)
        doc, input_json, result, notes, *annotations = await self._client.hmget(keys.run(run_id), *fields)
        if doc is None:
            raise RunNotFound(f"there is no run {run_id}")
        return Stored(with_notes(load_run(doc), notes), input_json or "[]", result, said.load(*annotations))

    async def get_input(self, run_id: str) -> str:
        """The run's input as JSON text. Raises RunNotFound."""
        input_json: str | None = await self._client.hget(keys.run(run_id), "input")
        if input_json is None:
            raise RunNotFound(f"there is no run {run_id}")
        return input_json

    async def get_outcome(self, run_id: str) -> tuple[Run, str | None]:
        """The run with its result as JSON text, None before it completed. Raises RunNotFound."""
        doc, result_json = await self._client.hmget(keys.run(run_id), "doc", "result")
        if doc is None:
            raise RunNotFound(f"there is no run {run_id}")
        return load_run(doc), result_json

    async def get_many(self, run_ids: list[str]) -> list[Run]:
        """Those of the runs that exist, in the order asked."""
        if not run_ids:
            return []
        async with self._client.pipeline(transaction=False) as pipe:
            for run_id in run_ids:
                pipe.hget(keys.run(run_id), "doc")
            docs = await pipe.execute()
        return [load_run(doc) for doc in docs if doc is not None]

    async def get_annotated(self, run_ids: list[str]) -> list[Annotated]:
        """Those of the runs that exist, in the order asked, with what is said about them."""
        if not run_ids:
            return []
        async with self._client.pipeline(transaction=False) as pipe:
            for run_id in run_ids:
                pipe.hmget(keys.run(run_id), "doc", *said.FIELDS)
            found = await pipe.execute()
        return [Annotated(load_run(doc), said.load(*fields)) for doc, *fields in found if doc is not None]

    async def due(self, now_ms: int) -> list[str]:
        """The runs whose wait before the next attempt is over, or that waited for capacity for too long."""
        return list(await self._client.zrangebyscore(keys.TIMERS, "-inf", now_ms, start=0, num=100))

    async def next_due_ms(self) -> int | None:
        """When the next such wait is over."""
        first = await self._client.zrange(keys.TIMERS, 0, 0, withscores=True)
        return int(first[0][1]) if first else None

    async def active(self) -> list[Run]:
        """The runs with an attempt in progress."""
        return await self.get_many(sorted(await self._client.smembers(keys.ACTIVE)))

    async def children(self, run_id: str, attempt: int | None = None) -> dict[int, str]:
        """The chained runs of one attempt by call number; of all attempts (numbers then mean nothing) with None."""
        calls = await self._client.hgetall(keys.calls(run_id))
        numbered = {tuple(map(int, field.split(":"))): child for field, child in calls.items()}
        if attempt is None:
            return dict(enumerate(numbered.values()))
        return {number: child for (of, number), child in numbered.items() if of == attempt}

    async def cascades(self) -> list[Cascade]:
        """The ended attempts whose descendants are still to be canceled."""
        entries = await self._client.smembers(keys.CASCADE)
        return [Cascade(run_id, int(attempt), reason) for run_id, attempt, reason in (e.split(" ", 2) for e in entries)]

    async def cascades_done(self, cascades: Sequence[Cascade]) -> None:
        """Forget them: all the descendants were canceled."""
        if cascades:
            await self._client.srem(keys.CASCADE, *(cascade.entry for cascade in cascades))


def cascade_of(decision: Decision) -> Cascade | None:
    """What the decision asks to be canceled; the store remembers it until `cascades_done`."""
    for effect in decision.effects:
        if isinstance(effect, CancelDescendants):
            return Cascade(decision.run.id, decision.run.attempt, effect.reason)
    return None


def _cascade_entry(decision: Decision) -> str | None:
    cascade = cascade_of(decision)
    return cascade.entry if cascade else None


def _decided(run: Run, event: Event, now_ms: int) -> Decision | None:
    """None when the event does not apply to the run as we know it, which may not be as it is."""
    try:
        return decide(run, event, now_ms=now_ms)
    except IllegalEvent:
        return None
