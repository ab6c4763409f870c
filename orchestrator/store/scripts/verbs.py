"""Everything that happens to several keys of the store at once: the signatures of the scripts in lua/.

What each does, and what it returns, is said in its script; script.py says how the names of both ends are held together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from orchestrator.core.runs.run import Status
from orchestrator.store.keys import Key
from orchestrator.store.scripts.script import Script, Signature


@dataclass(kw_only=True)
class CreateRun(Signature[list[str]]):
    """A new run and where it is queued and found; of a chained run, what its parent must be doing.

    `call` is "attempt:number" in the parent, `idempotency` the key of the request. `workflow_digest` is the SHA-1 of the document
    under `workflow` that the request was understood by. `tree_limit_bytes` is what its tree may hold, None for any amount.
    """

    run: Key
    root: Key
    parent: Key | None
    parent_calls: Key | None
    workflow: Key | None
    idempotency: Key | None
    queue_length: Key
    queue_workflows: Key
    queue_trees: Key
    queue_tree: Key
    timers: Key
    retired: Key
    feed: Key
    metrics: Key
    indexes: list[Key]

    run_id: str
    root_id: str
    workflow_id: str
    version_id: str
    workflow_digest: str | None
    doc: bytes
    input: str
    tags: str | None
    metadata: str | None
    call: str | None
    parent_attempt: int | None
    parent_fence: int | None
    idempotency_ttl_ms: int
    queue_member: str
    queue_score: int
    timer_ms: int | None
    metric: str
    metrics_ttl_s: int
    feed_entry: str
    feed_row: bytes
    feed_maxlen: int
    tree_limit_bytes: int | None


@dataclass(kw_only=True)
class Apply(Signature[int]):
    """What the decision saw, what the run is now, and the indexes it has left and entered.

    `queue_score` is None when it is not queued, `cascade` unless descendants must be canceled, `ended_at_ms` before its end.
    """

    run: Key
    queue_length: Key
    queue_workflows: Key
    queue_trees: Key
    queue_tree: Key
    queue_aside: Key
    timers: Key
    active: Key
    cascades: Key
    feed: Key
    lease: Key
    root: Key
    finished: Key
    metrics: Key | None
    left: list[Key]
    entered: list[Key]

    lease_token: str | None
    expected_status: Status
    expected_attempt: int
    expected_fence: int
    run_id: str
    root_id: str
    workflow_id: str
    status: Status
    attempt: int
    fence: int
    doc: bytes
    result: str | None
    queue_member: str
    queue_score: int | None
    timer_ms: int | None
    is_active: bool
    cascade: str | None
    ended_at_ms: int | None
    metric: str | None
    metrics_ttl_s: int
    feed_entry: str
    feed_row: bytes
    feed_maxlen: int


@dataclass(kw_only=True)
class ReadRuns(Signature[list[str | None]]):
    """What the keys of runs begin with, the ids of some hundreds, by spaces, and which of their fields."""

    run_prefix: str
    ids: str
    field: str


@dataclass(kw_only=True)
class Annotate(Signature[int]):
    """What is said about a run of which this attempt is under way, as JSON text, and the indexes of tags that are new."""

    run: Key
    feed: Key
    lease: Key
    tagged: list[Key]

    run_id: str
    attempt: int
    fence: int
    lease_token: str | None
    tags: str | None
    metadata: str | None
    progress: str | None
    feed_entry: str
    feed_row: bytes
    feed_maxlen: int


@dataclass(kw_only=True)
class IndexRoot(Signature[int]):
    """A root, the index it belongs in as long as it has this status."""

    run: Key
    index: Key

    run_id: str
    status: Status


@dataclass(kw_only=True)
class NoteLeft(Signature[int]):
    """A run, and a note of one of its attempts as runs/left.py writes it."""

    run: Key

    note: str


@dataclass(kw_only=True)
class AppendLog(Signature[tuple[str, int]]):
    """A batch of a log with the number of lines before it, and the first entry to stay; `root` is of the tree it counts to."""

    log: Key
    root: Key | None

    count: int
    batch: str
    first: str | None
    dropped_bytes: int


@dataclass(kw_only=True)
class QueueHead(Signature[tuple[int, list[str], list[tuple[str, str, list[str]]]]]):
    """How many trees of each workflow, what keys begin with, and the roots of trees that hold something, by spaces.

    At most `most_moves` runs are set aside and put back.
    """

    workflows: Key
    paused: Key
    asides: Key

    trees_prefix: str
    tree_prefix: str
    aside_prefix: str
    count: int
    most_moves: int
    holding: str | None


@dataclass(kw_only=True)
class Requeue(Signature[int]):
    """A run in the queue of earlier releases, and its place in the one of now."""

    old_queue: Key
    queue_length: Key
    queue_workflows: Key
    queue_trees: Key
    queue_tree: Key

    old_member: str
    queue_member: str
    queue_score: int
    root_id: str
    workflow_id: str


@dataclass(kw_only=True)
class HoldLease(Signature[list[Any]]):
    """Who wants the lease, with the token it holds, or with the beat that stood still for a whole lease."""

    lease: Key

    owner: str
    token: str | None
    silent_beat: str | None


@dataclass(kw_only=True)
class ReleaseLease(Signature[None]):
    """The token of who gives the lease back."""

    lease: Key

    token: str


@dataclass(kw_only=True)
class RemoveRun(Signature[int]):
    """A run, the indexes it is in, keys of its own, and, of a root, the indexes of its descendants."""

    run: Key
    root: Key
    finished: Key
    lease: Key
    idempotency: Key | None
    indexes: list[Key]
    own: list[Key]
    descendants: list[Key]

    run_id: str
    lease_token: str | None


@dataclass(kw_only=True)
class RemoveVersion(Signature[int]):
    """A version with its source, log and usage, and the indexes of its unfinished runs."""

    version: Key
    archive: Key
    logs: Key
    usage: Key
    versions: Key
    versions_of_workflow: Key
    retired: Key
    workflow: Key
    lease: Key
    unfinished: list[Key]

    version_id: str
    now_ms: int
    retired_ttl_ms: int
    lease_token: str | None


@dataclass(kw_only=True)
class AdvanceOperation(Signature[int]):
    """How many runs of the operation were counted before, and how the next one came out: ``done`` or ``failed``."""

    operation: Key
    lease: Key

    lease_token: str | None
    position: int
    outcome: str
    error: str | None


@dataclass(kw_only=True)
class EndOperation(Signature[int]):
    """An operation, and what it ends as."""

    operation: Key
    runs: Key
    open: Key

    operation_id: str
    status: str
    ended_at_ms: int


CREATE_RUN: Final = Script("create_run", CreateRun)
APPLY: Final = Script("apply", Apply)
READ_RUNS: Final = Script("read_runs", ReadRuns)
ANNOTATE: Final = Script("annotate", Annotate)
INDEX_ROOT: Final = Script("index_root", IndexRoot)
NOTE_LEFT: Final = Script("note_left", NoteLeft)
APPEND_LOG: Final = Script("append_log", AppendLog)
QUEUE_HEAD: Final = Script("queue_head", QueueHead)
REQUEUE: Final = Script("requeue", Requeue)
ADVANCE_OPERATION: Final = Script("advance_operation", AdvanceOperation)
END_OPERATION: Final = Script("end_operation", EndOperation)
HOLD_LEASE: Final = Script("hold_lease", HoldLease)
RELEASE_LEASE: Final = Script("release_lease", ReleaseLease)
REMOVE_RUN: Final = Script("remove_run", RemoveRun)
REMOVE_VERSION: Final = Script("remove_version", RemoveVersion)
