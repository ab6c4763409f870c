"""Versions of workflows."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from orchestrator.api import render, schemas
from orchestrator.api.deps import ServicesDep
from orchestrator.api.requests import paging
from orchestrator.api.requests.filters import workflow_ids
from orchestrator.api.requests.refused import Refused
from orchestrator.api.responses import answer
from orchestrator.core.workflow import TERMINAL, VersionStatus
from orchestrator.store import ids

router = APIRouter(tags=["workflows"])


class VersionQuery(paging.Page):
    """Versions that have one of the values of each field that is given."""

    cursor: str | None = paging.ids_of(ids.VERSION)
    workflow_id: list[str] = Field(default_factory=list)
    workflow_id_too: list[str] = Field(default_factory=list, alias="workflowID")
    workflow_version_id: list[str] = Field(default_factory=list)


@router.get("/v1/workflowversions", response_model=list[schemas.WorkflowVersionWithCursor])
async def list_versions(query: Annotated[VersionQuery, Query()], services: ServicesDep) -> Response:
    """Versions, newest first."""
    wanted = await workflow_ids(services.workflows, [*query.workflow_id, *query.workflow_id_too])
    found = [
        one
        for one in await services.workflows.versions()
        if (not wanted or one.workflow_id in wanted)
        and (not query.workflow_version_id or one.id in query.workflow_version_id)
    ]
    page = paging.after(found, lambda one: one.id, paging.id_cursor(query.cursor, ids.VERSION), query.limit)
    return answer(
        [schemas.WorkflowVersionWithCursor(workflow_version=render.version(one), cursor=one.id) for one in page]
    )


@router.get("/v1/workflowversions/{workflowVersionId}", response_model=schemas.WorkflowVersion)
async def get_version(workflowVersionId: str, services: ServicesDep) -> Response:  # noqa: N803
    """A version."""
    return answer(render.version(await services.workflows.version(workflowVersionId)))


@router.post(
    "/v1/workflowversions/{workflowVersionId}/cancel",
    status_code=HTTPStatus.ACCEPTED,
    response_model=schemas.WorkflowVersion,
)
async def cancel_version(workflowVersionId: str, services: ServicesDep) -> Response:  # noqa: N803
    """Stop the build of a version that is on its way; it ends as failed, with that as its error."""
    version = await services.workflows.version(workflowVersionId)
    if version.status in TERMINAL:
        message = f"version {version.id} is {version.status}: there is nothing to cancel"
        raise Refused(HTTPStatus.CONFLICT, "not_building", message)
    await services.workflows.builds.cancel(version.id)
    return answer(render.version(version), HTTPStatus.ACCEPTED)


@router.post("/v1/workflowversions/{workflowVersionId}/serve", response_model=schemas.Workflow)
async def serve_version(workflowVersionId: str, services: ServicesDep) -> Response:  # noqa: N803
    """Let a ready version serve, such as an earlier one; the next deploy takes over from it as from any other."""
    version = await services.workflows.version(workflowVersionId)
    if version.status is not VersionStatus.READY:
        message = f"version {version.id} is {version.status}: only one that is ready can serve"
        raise Refused(HTTPStatus.CONFLICT, "not_ready", message)
    return answer(render.workflow(await services.workflows.serve(version, now_ms=services.now_ms())))
