"""Which runs a client asks about: the same words in lists, in counts and in operations on many."""

from __future__ import annotations

from typing import Annotated, Final, TypeVar

from pydantic import BeforeValidator, Field

from orchestrator.api.deps import Services
from orchestrator.api.requests.filters import (
    checked_ids,
    one_or_more,
    several,
    task_ids,
    version_ids,
    whole_prefix,
    workflow_ids,
)
from orchestrator.api.requests.paging import Page, ids_of
from orchestrator.api.schemas import Moment, Shape
from orchestrator.api.schemas.runs import RunStatus
from orchestrator.core.runs.run import WIRE_STATUS
from orchestrator.store import ids
from orchestrator.store.runs.filter import Filter

T = TypeVar("T")
_Several = Annotated[list[T], BeforeValidator(several)]
_Exactly = Annotated[list[str], BeforeValidator(one_or_more)]
_TEXT_LIMIT_CHARS: Final = 200


class RunQuery(Shape):
    """Runs that have one of the values of each field that is given.

    Several values are repeated, or have commas between; tags and text are taken as they are. Times are of creation, the first
    included, the last not.
    """

    status: _Several[RunStatus] = Field(default_factory=list)
    workflow: _Several[str] = Field(default_factory=list, description="a slug or an id")
    task: _Several[str] = Field(default_factory=list, description="workflow/task, a bare task name, or an id")
    version: _Several[str] = Field(
        default_factory=list, description="an id, or workflow/v3; v3 alone is that of each workflow given"
    )
    tag: _Exactly = Field(default_factory=list)
    created_after: Moment | None = None
    created_before: Moment | None = None
    id_prefix: str = Field("", description="how its id begins, with or without trn-")
    text: str = Field("", max_length=_TEXT_LIMIT_CHARS, description="a part of its error, in whatever case")
    roots_only: bool = Field(False, description="only runs that no run asked for")
    root_task_run_id: _Exactly = Field(default_factory=list)
    task_slug: _Exactly = Field(default_factory=list, description="as task")
    workflow_id: _Exactly = Field(default_factory=list, description="as workflow")
    workflow_id_too: _Exactly = Field(default_factory=list, alias="workflowID")
    workflow_version_id: _Exactly = Field(default_factory=list)


class RunPage(RunQuery, Page):
    """The same, page by page."""

    cursor: str | None = ids_of(ids.RUN)


async def wanted_runs(query: RunQuery, services: Services) -> Filter:
    """What the query asks for. Raises Unknown, Refused."""
    workflows = services.workflows
    of_workflows = await workflow_ids(workflows, query.workflow + query.workflow_id + query.workflow_id_too)
    versions = checked_ids(ids.VERSION, "workflowVersionId", query.workflow_version_id)
    return Filter(
        root_ids=checked_ids(ids.RUN, "rootTaskRunId", query.root_task_run_id),
        task_ids=await task_ids(workflows, query.task + query.task_slug),
        version_ids=versions | await version_ids(workflows, query.version, of_workflows),
        workflow_ids=of_workflows,
        statuses=frozenset(status for status, word in WIRE_STATUS.items() if word in query.status),
        tags=frozenset(query.tag),
        id_prefix=whole_prefix(query.id_prefix) if query.id_prefix else "",
        created_from_ms=None if query.created_after is None else round(query.created_after.timestamp() * 1000),
        created_before_ms=None if query.created_before is None else round(query.created_before.timestamp() * 1000),
        text=query.text,
        roots_only=query.roots_only,
    )
