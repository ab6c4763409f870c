"""The data model: every key of the store, its type, its writer, and how long it lives.

    key                         type    holds                                         written by
    orc:run:{id}                hash    status, attempt, fence (compared), doc,       create_run.lua, apply.lua
                                        input, result (JSON text), idempotency (key);
                                        of a root: unfinished runs of its tree
    orc:run:{id}:calls          hash    "attempt:call" → chained run's id             create_run.lua
    orc:run:{id}:logs:{n}       stream  what attempt n printed, in batches            logs.py
    orc:instance                hash    id and secret, shared by all orchestrators    identity.py
    orc:lease                   hash    owner, token (compared), beat: who schedules  lease.lua, release_lease.lua
    orc:queue                   zset    "id plan" by order of start                   create_run.lua, apply.lua
    orc:timers                  zset    id by the time its next attempt is due, or    create_run.lua, apply.lua
                                        its wait for capacity is too long, ms
    orc:active                  set     ids of runs with an attempt in progress       apply.lua
    orc:cascade                 set     "id attempt reason" of ended attempts whose   apply.lua, runs.py
                                        unfinished descendants must be canceled
    orc:feed                    stream  one entry per change of a run, newest 20,000  create_run.lua, apply.lua
    orc:finished                zset    root ids of trees without unfinished runs,    apply.lua
                                        by when the last one ended, ms
    orc:runs:{status}           zset    ids of runs with this status on the wire      create_run.lua, apply.lua
                                        (ids sort by time)
    orc:runs:{kind}:{id}:{st…}  zset    the same by workflow, version, task, and      create_run.lua, apply.lua
                                        root (all but the root itself)
    orc:idempotency:{wf}:{key}  string  run id of the first request, 24 h             create_run.lua
    orc:metrics:{task}:{day}    hash    "minute status" → how many runs became it     create_run.lua, apply.lua
    orc:workflow:{id}           string  a workflow as JSON                            workflows.py
    orc:workflows               zset    workflow ids                                  workflows.py
    orc:slugs                   hash    slug → workflow id                            workflows.py
    orc:version:{id}            string  a version as JSON                             workflows.py
    orc:version:{id}:archive    string  the uploaded source, until it is built        workflows.py
    orc:version:{id}:logs       stream  what its build and registration printed       logs.py
    orc:versions                zset    version ids                                   workflows.py
    orc:versions:{workflow}     zset    the same by workflow                          workflows.py
    orc:versions:retired        zset    ids of versions removed in the last day       remove_version.lua
    orc:versions:numbers        hash    workflow → the number of its newest version   workflows.py
    orc:builds                  list    ids of versions waiting to be built           workflows.py
    orc:building                list    the ones being built; queued again on start   builds.py
    orc:builds:tries            hash    version id → how often its build was begun    builds.py
    orc:builds:canceled         set     ids of versions whose build is to be stopped  builds.py
    orc:builds:again            hash    version id → "" while its image is built       builds.py
                                        again, else why that failed, as JSON
    orc:tasks                   hash    task id → "workflow id/name"                  workflows.py
    orc:tasks:{workflow}        hash    task name → its id, the same in all versions  workflows.py

Only idempotency keys and metrics expire by themselves. remove_run.lua takes away all keys and entries of a run,
remove_version.lua those of a version, and workflows.py those of a workflow.
"""

from __future__ import annotations

from typing import Final

INSTANCE: Final = "orc:instance"
LEASE: Final = "orc:lease"
QUEUE: Final = "orc:queue"
TIMERS: Final = "orc:timers"
ACTIVE: Final = "orc:active"
CASCADE: Final = "orc:cascade"
FEED: Final = "orc:feed"
FEED_MAXLEN: Final = 20_000
FINISHED: Final = "orc:finished"
RUNS: Final = "orc:runs"
WORKFLOWS: Final = "orc:workflows"
SLUGS: Final = "orc:slugs"
VERSIONS: Final = "orc:versions"
RETIRED: Final = "orc:versions:retired"
NUMBERS: Final = "orc:versions:numbers"
BUILDS: Final = "orc:builds"
BUILDING: Final = "orc:building"
BUILD_TRIES: Final = "orc:builds:tries"
BUILDS_AGAIN: Final = "orc:builds:again"
BUILDS_CANCELED: Final = "orc:builds:canceled"
TASKS: Final = "orc:tasks"

IDEMPOTENCY_TTL_MS: Final = 24 * 3600 * 1000
RETIRED_TTL_MS: Final = 24 * 3600 * 1000


def run(run_id: str) -> str:
    """The run itself."""
    return f"orc:run:{run_id}"


def calls(run_id: str) -> str:
    """The run's chained runs."""
    return f"orc:run:{run_id}:calls"


def run_logs(run_id: str, attempt: int) -> str:
    """What one attempt printed."""
    return f"orc:run:{run_id}:logs:{attempt}"


def runs_by(kind: str, of: str) -> str:
    """The runs of one workflow, version, task or root: the first part of the indexes by status."""
    return f"{RUNS}:{kind}:{of}"


def idempotency(workflow_id: str, key: str) -> str:
    """The run that the first request with this key made."""
    return f"orc:idempotency:{workflow_id}:{key}"


def metrics(task_id: str, day: int) -> str:
    """How often what became of a task's runs, on a day since 1970."""
    return f"orc:metrics:{task_id}:{day}"


def workflow(workflow_id: str) -> str:
    """The workflow itself."""
    return f"orc:workflow:{workflow_id}"


def version(version_id: str) -> str:
    """The version itself."""
    return f"orc:version:{version_id}"


def archive(version_id: str) -> str:
    """The version's source."""
    return f"orc:version:{version_id}:archive"


def version_logs(version_id: str) -> str:
    """What the version's build printed."""
    return f"orc:version:{version_id}:logs"


def versions_of(workflow_id: str) -> str:
    """The workflow's versions."""
    return f"orc:versions:{workflow_id}"


def task_ids(workflow_id: str) -> str:
    """The ids of the workflow's tasks by name."""
    return f"orc:tasks:{workflow_id}"
