from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from orchestrator_sdk.client.models import RunCounts, TaskRun, TaskRunDetails
from orchestrator_sdk.client.requests.request import Filter, Input, Page, Request, encode, pages, present, segment
from orchestrator_sdk.conversion.to_json import to_json

if TYPE_CHECKING:
    from typing_extensions import Unpack


def start(
    task: str,
    input: Input = (),
    *,
    idempotency_key: str | None = None,
    queue_timeout_s: int | None = None,
    deadline_s: int | None = None,
    tags: Sequence[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Request[TaskRun]:
    """Ask for a run of ``workflow/task``; returns at once.

    `input` is a list of positional arguments or a dict of named ones; dates, dataclasses and the like travel as a chained run's
    do. A repeated `idempotency_key` gives the first run again. A run that waits longer than `queue_timeout_s` for capacity
    fails, as does one that is not over after `deadline_s`, waits and retries included. At most 10 `tags` find it again; `metadata`
    is kept with it, at most 32 keys and 4 KiB of JSON. Raises TypeError or ValueError for an input that is not JSON.
    """
    limits = {"idempotencyKey": idempotency_key, "queueTimeoutSeconds": queue_timeout_s, "deadlineSeconds": deadline_s}
    said = {"tags": list(tags) if tags else None, "metadata": dict(metadata) if metadata else None}
    body = _with_input(f"'{task}'", input, {"task": task, **present(limits), **present(said)})
    return Request("POST", "/task-runs", TaskRun.parse, body=body)


def rerun(
    run_id: str,
    input: Input | None = None,
    *,
    version: Literal["same", "current"] = "same",
    idempotency_key: str | None = None,
) -> Request[TaskRun]:
    """Do a run again, with its own input or another one; returns the new run at once, which is the first of a tree of its own.

    It is done on the version the run had, or on the workflow's current one. A repeated `idempotency_key` gives the first run
    again. Raises ConflictError when the version is not there any more; TypeError or ValueError as `start` does.
    """
    others = present({"version": version, "idempotencyKey": idempotency_key})
    body = encode(others) if input is None else _with_input(f"run {run_id}", input, others)
    return Request("POST", f"/task-runs/{segment(run_id)}/rerun", TaskRun.parse, body=body)


def _with_input(of: str, input: Input, others: Mapping[str, Any]) -> str:
    """The body with the input, which is of what `of` names. Raises TypeError or ValueError."""
    if isinstance(input, str | bytes) or not isinstance(input, Sequence | Mapping):
        raise TypeError(f"the input of {of} must be a list or a dict of its arguments, and is {input!r}")
    given = to_json(dict(input) if isinstance(input, Mapping) else list(input))
    try:
        return encode({**others, "input": given})
    except (TypeError, ValueError, RecursionError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"the input of {of} cannot be sent as JSON: {error}") from None


def get(run_id: str) -> Request[TaskRunDetails]:
    """A run with its input, attempts and outcome."""
    return Request("GET", f"/task-runs/{segment(run_id)}", TaskRunDetails.parse)


def cancel(run_id: str) -> Request[None]:
    """End a run and all runs it started. Raises ConflictError when it is over already."""
    return Request("DELETE", f"/task-runs/{segment(run_id)}", lambda _: None)


class RunFilters(TypedDict, total=False):
    """Which runs: each is one value or several of which any may match.

    `status` is pending, running, completed, failed or canceled; `task` is ``workflow/task`` or a bare name; `workflow` is a slug or
    an id; `version` an id or ``workflow/v3``. Times are of creation, the first included, the last not; `text` is a part of the
    error.
    """

    status: Filter
    task: Filter
    workflow: Filter
    version: Filter
    tag: Filter
    created_after: datetime | None
    created_before: datetime | None
    id_prefix: str | None
    text: str | None
    roots_only: bool
    root_run_id: Filter


def runs(
    *, limit: int | None = None, cursor: str | None = None, **filters: Unpack[RunFilters]
) -> Request[Page[TaskRun]]:
    """Runs, newest first; further pages are asked for as you go on, up to `limit` runs.

    Filters are `status`, `task`, `workflow`, `version`, `tag`, `created_after`, `created_before`, `id_prefix`, `text` (a part of
    the error), `roots_only` and `root_run_id`; those of names may be several, of which any may match. `cursor` is a run's id,
    after which to begin.
    """
    return pages("/task-runs", "taskRun", TaskRun.parse, wire_filters(filters), limit=limit, cursor=cursor)


def counts(**filters: Unpack[RunFilters]) -> Request[RunCounts]:
    """How many runs there are that `list` would give, by status, and by the minute of the last six hours they were made in."""
    return Request("GET", "/task-runs/counts", RunCounts.parse, present(wire_filters(filters)))


_RENAMED: Final = {
    "created_after": "createdAfter",
    "created_before": "createdBefore",
    "id_prefix": "idPrefix",
    "roots_only": "rootsOnly",
    "root_run_id": "rootTaskRunId",
    "task": "taskSlug",
    "workflow": "workflowId",
}


def wire_filters(given: RunFilters) -> dict[str, Any]:
    """As the API has them; a time that does not say its zone is this machine's."""
    known = RunFilters.__annotations__
    if unknown := [name for name in given if name not in known]:
        raise TypeError(f"there is no filter {unknown[0]!r}; there are {', '.join(known)}")
    values = {_RENAMED.get(name, name): _sent(value) for name, value in given.items()}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def _sent(value: Any) -> Any:
    return value.astimezone().isoformat() if isinstance(value, datetime) else value


def run_page(*, limit: int | None = None, cursor: str | None = None) -> Request[list[tuple[TaskRun, str]]]:
    """One page of runs, for programs that page themselves: each with the cursor that goes on after it."""

    def read(answer: Any) -> list[tuple[TaskRun, str]]:
        return [(TaskRun.parse(one["taskRun"]), one["cursor"]) for one in answer]

    return Request("GET", "/task-runs", read, present({"limit": limit, "cursor": cursor}))
