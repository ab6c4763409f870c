"""The data model: every key of the store, its type, its writer, and how long it lives.

    key                         type    holds                                         written by
    orc:run:{id}                hash    status, attempt, fence (compared), doc, row,  create_run.lua, apply.lua
                                        input, result (JSON text), idempotency (key);
                                        tags, metadata, progress (JSON text)          create_run.lua, annotate.lua
                                        left: notes on attempts that are over         note_left.lua
                                        of a root: unfinished runs of its tree, and
                                        held, bytes of its inputs, results, errors
                                        and logs
    orc:run:{id}:calls          hash    "attempt:call" → chained run's id             create_run.lua
    orc:run:{id}:logs:{n}       stream  what attempt n printed, in batches            append_log.lua, logs.py
    orc:instance                hash    id and secret, shared by all orchestrators;   identity.py, env_cipher.py
                                        which key encrypts variables
    orc:lease                   hash    owner, token (compared), beat: who schedules  hold_lease.lua,
                                                                                  release_lease.lua
    orc:queue:length            string  how many runs are queued                      create_run.lua, apply.lua
    orc:queue:workflows         set     ids of workflows with queued runs             create_run.lua, apply.lua
    orc:queue:trees:{workflow}  zset    roots of its trees with queued runs (ids      create_run.lua, apply.lua
                                        sort by time)
    orc:queue:tree:{root}       zset    its queued runs, "id plan task version", by   create_run.lua, apply.lua
                                        order of start
    orc:queue:why               string  why the next run does not start, in words, 15 s   queue.py
    orc:queue:aside             set     paused tasks with queued runs set aside       queue_head.lua
    orc:queue:aside:{task}      zset    these runs, "… root workflow", by order of    queue_head.lua, apply.lua
                                        start
    orc:paused                  hash    workflow or task id → since when and why, as  control/pauses.py
                                        JSON
    orc:timers                  zset    id by the time its next attempt is due, or    create_run.lua, apply.lua
                                        its wait for capacity is too long, ms
    orc:active                  set     ids of runs with an attempt in progress       apply.lua
    orc:cascade                 set     "id attempt reason" of ended attempts whose   apply.lua, runs/store.py
                                        unfinished descendants must be canceled
    orc:feed                    stream  one entry per change of a run, newest 20,000: create_run.lua, apply.lua
                                        e what happened, r the run as a row
    orc:finished                zset    root ids of trees without unfinished runs,    apply.lua
                                        by when the last one ended, ms
    orc:runs:{status}           zset    ids of runs with this status on the wire      create_run.lua, apply.lua
                                        (ids sort by time)
    orc:runs:{kind}:{id}:{st…}  zset    the same by workflow, version, task, and      create_run.lua, apply.lua
                                        root (all but the root itself)
    orc:runs:roots:{status}     zset    ids of roots with this status on the wire     create_run.lua, apply.lua
    orc:runs:tag:{tag}          zset    ids of runs with the tag, whatever status     create_run.lua, annotate.lua
    orc:indexed                 string  "1" once roots of earlier releases are, too   runs/reindex.py
    orc:idempotency:{wf}:{key}  string  run id of the first request, 24 h             create_run.lua
    orc:metrics:{task}:{day}    hash    "minute status" → how many runs became it     create_run.lua, apply.lua
    orc:operation:{id}          hash    an operation on many runs, and how far it is   control/operations.py,
                                                                                  advance_, end_operation.lua
    orc:operation:{id}:runs     list    ids of these runs, until it is over           control/operations.py
    orc:operations              zset    operation ids                                 control/operations.py
    orc:operations:open         zset    those that are not over                       control/operations.py
    orc:workflow:{id}           string  a workflow as JSON                            workflows/store.py
    orc:workflows               zset    workflow ids                                  workflows/store.py
    orc:slugs                   hash    slug → workflow id                            workflows/store.py
    orc:version:{id}            string  a version as JSON                             workflows/store.py
    orc:version:{id}:archive    list    the uploaded source in pieces, until it is    workflows/store.py
                                        built
    orc:upload:{id}             list    a source in pieces that no version has yet,   workflows/uploads.py
                                        10 min
    orc:version:{id}:logs       stream  what its build and registration printed       append_log.lua, logs.py
    orc:version:{id}:usage      hash    task id → what its latest attempts used, as    task_usage.py
                                        JSON; 30 days
    orc:versions                zset    version ids                                   workflows/store.py
    orc:versions:{workflow}     zset    the same by workflow                          workflows/store.py
    orc:versions:retired        zset    ids of versions removed in the last day       remove_version.lua
    orc:versions:numbers        hash    workflow → the number of its newest version   workflows/store.py
    orc:builds                  list    ids of versions waiting to be built           workflows/store.py
    orc:building                list    the ones being built; queued again on start   workflows/builds.py
    orc:builds:tries            hash    version id → how often its build was begun    workflows/builds.py
    orc:builds:canceled         set     ids of versions whose build is to be stopped  workflows/builds.py
    orc:builds:again            hash    version id → "" while its image is built       workflows/builds.py
                                        again, else why that failed, as JSON
    orc:ticket:{hash}           string  a ticket to sign in with, 60 s                sessions.py
    orc:session:{hash}          string  a browser's session, 7 days since its use     sessions.py
    orc:keys                    hash    name → a key of the API (its hash, scopes)    api_keys.py
                                        as JSON
    orc:tasks                   hash    task id → "workflow id/name"                  workflows/store.py
    orc:tasks:{workflow}        hash    task name → its id, the same in all versions  workflows/store.py

Only idempotency keys, metrics, usage, tickets and sessions expire by themselves. remove_run.lua takes away all keys and
entries of a run, remove_version.lua those of a version, and workflows/store.py those of a workflow.
"""

from __future__ import annotations

import re
from typing import Final, NewType
from urllib.parse import quote

Key = NewType("Key", str)
"""The name of a place in the store, which no other text can be given for."""

INSTANCE: Final = Key("orc:instance")
LEASE: Final = Key("orc:lease")
QUEUE_LENGTH: Final = Key("orc:queue:length")
QUEUE_WORKFLOWS: Final = Key("orc:queue:workflows")
QUEUE_WHY: Final = Key("orc:queue:why")
QUEUE_ASIDES: Final = Key("orc:queue:aside")
PAUSED: Final = Key("orc:paused")
TIMERS: Final = Key("orc:timers")
ACTIVE: Final = Key("orc:active")
CASCADE: Final = Key("orc:cascade")
FEED: Final = Key("orc:feed")
FEED_MAXLEN: Final = 20_000
RUN_PREFIX: Final = "orc:run:"
FINISHED: Final = Key("orc:finished")
RUNS: Final = Key("orc:runs")
ROOTS: Final = Key("orc:runs:roots")
INDEXED: Final = Key("orc:indexed")
OPERATIONS: Final = Key("orc:operations")
OPERATIONS_OPEN: Final = Key("orc:operations:open")
WORKFLOWS: Final = Key("orc:workflows")
SLUGS: Final = Key("orc:slugs")
VERSIONS: Final = Key("orc:versions")
RETIRED: Final = Key("orc:versions:retired")
NUMBERS: Final = Key("orc:versions:numbers")
BUILDS: Final = Key("orc:builds")
BUILDING: Final = Key("orc:building")
BUILD_TRIES: Final = Key("orc:builds:tries")
BUILDS_AGAIN: Final = Key("orc:builds:again")
BUILDS_CANCELED: Final = Key("orc:builds:canceled")
TASKS: Final = Key("orc:tasks")
API_KEYS: Final = Key("orc:keys")

IDEMPOTENCY_TTL_MS: Final = 24 * 3600 * 1000
RETIRED_TTL_MS: Final = 24 * 3600 * 1000
_PART: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")


class NotAnId(LookupError):  # noqa: N818
    """What a client gave as an id cannot be one: as a part of a key it could name another key."""


def is_part(text: str) -> bool:
    """Whether it can be an id or a slug."""
    return bool(_PART.fullmatch(text))


def _part(text: str) -> str:
    if not is_part(text):
        raise NotAnId(f"there is no {text[:100]!r}: ids have letters, digits and dashes")
    return text


def run(run_id: str) -> Key:
    """The run itself."""
    return Key(f"{RUN_PREFIX}{_part(run_id)}")


def calls(run_id: str) -> Key:
    """The run's chained runs."""
    return Key(f"orc:run:{_part(run_id)}:calls")


def run_logs(run_id: str, attempt: int) -> Key:
    """What one attempt printed."""
    return Key(f"orc:run:{_part(run_id)}:logs:{attempt}")


def queue_trees(workflow_id: str) -> Key:
    """The workflow's trees that have queued runs."""
    return Key(f"orc:queue:trees:{workflow_id}")


def queue_tree(root_id: str) -> Key:
    """The tree's queued runs."""
    return Key(f"orc:queue:tree:{root_id}")


def queue_aside(task_id: str) -> Key:
    """The queued runs of the task that do not keep others waiting, as it is paused."""
    return Key(f"{QUEUE_ASIDES}:{task_id}")


def runs_by(kind: str, of: str) -> Key:
    """The runs of one workflow, version, task or root: the first part of the indexes by status."""
    return Key(f"{RUNS}:{kind}:{_part(of)}")


def tagged(tag: str) -> Key:
    """The runs with the tag, whatever it has in it."""
    return Key(f"{RUNS}:tag:{quote(tag, safe='')}")


def idempotency(workflow_id: str, key: str) -> Key:
    """The run that the first request with this key made."""
    return Key(f"orc:idempotency:{_part(workflow_id)}:{key}")


def metrics(task_id: str, day: int) -> Key:
    """How many of a task's runs became which status, in each minute of a day since 1970."""
    return Key(f"orc:metrics:{_part(task_id)}:{day}")


def operation(operation_id: str) -> Key:
    """The operation itself."""
    return Key(f"orc:operation:{_part(operation_id)}")


def operation_runs(operation_id: str) -> Key:
    """The runs it is about."""
    return Key(f"orc:operation:{_part(operation_id)}:runs")


def workflow(workflow_id: str) -> Key:
    """The workflow itself."""
    return Key(f"orc:workflow:{_part(workflow_id)}")


def version(version_id: str) -> Key:
    """The version itself."""
    return Key(f"orc:version:{_part(version_id)}")


def archive(version_id: str) -> Key:
    """The version's source."""
    return Key(f"orc:version:{_part(version_id)}:archive")


def upload(upload_id: str) -> Key:
    """A source that no version has yet."""
    return Key(f"orc:upload:{_part(upload_id)}")


def version_logs(version_id: str) -> Key:
    """What the version's build printed."""
    return Key(f"orc:version:{_part(version_id)}:logs")


def version_usage(version_id: str) -> Key:
    """What attempts of the version's tasks used."""
    return Key(f"orc:version:{_part(version_id)}:usage")


def versions_of(workflow_id: str) -> Key:
    """The workflow's versions."""
    return Key(f"orc:versions:{_part(workflow_id)}")


def task_ids(workflow_id: str) -> Key:
    """The ids of the workflow's tasks by name."""
    return Key(f"orc:tasks:{_part(workflow_id)}")


def ticket(token_hash: str) -> Key:
    """A ticket to sign in with."""
    return Key(f"orc:ticket:{_part(token_hash)}")


def session(token_hash: str) -> Key:
    """A browser's session."""
    return Key(f"orc:session:{_part(token_hash)}")
