"""Workflows made and changed, and versions of them asked for, as the hosted service's clients do."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response

from orchestrator.api import render, schemas
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.errors import require_admission
from orchestrator.api.requests.body import declared, read_shape
from orchestrator.api.requests.checks import check_texts, slug_of
from orchestrator.api.requests.refused import Refused
from orchestrator.api.requests.repo_checks import check_branch, check_commit, check_repo
from orchestrator.api.requests.variables import values
from orchestrator.api.responses import answer
from orchestrator.core.plans import MIB
from orchestrator.core.variables import with_env
from orchestrator.core.workflow import Labels, Source, Workflow

router = APIRouter(tags=["workflows"])

_BODY_LIMIT_BYTES: Final = 4 * MIB


@router.post(
    "/v1/workflows",
    status_code=HTTPStatus.CREATED,
    response_model=schemas.Workflow,
    openapi_extra=declared(schemas.WorkflowCreate),
)
async def create_workflow(request: Request, services: ServicesDep) -> Response:
    """Make a workflow of a repo; its first version is built next."""
    require_admission(services.admission.no_deploys)
    asked = await read_shape(request, schemas.WorkflowCreate, _BODY_LIMIT_BYTES)
    now_ms = services.now_ms()
    wanted = Workflow(
        id="",
        name=asked.name,
        slug=slug_of(asked.name),
        source=_source(asked.build_config, services),
        start_command=asked.run_command,
        created_at_ms=now_ms,
        updated_at_ms=now_ms,
        version_id=None,
        labels=Labels(asked.owner_id, asked.region, asked.environment_id, asked.auto_deploy_trigger),
    )
    check_texts(run_command=asked.run_command)
    workflow = await services.workflows.create(with_env(wanted, values(asked.env_vars), now_ms=now_ms))
    await services.workflows.queue_version(workflow, now_ms=now_ms)
    return answer(render.workflow(workflow), HTTPStatus.CREATED)


@router.patch(
    "/v1/workflows/{workflowId}", response_model=schemas.Workflow, openapi_extra=declared(schemas.WorkflowUpdate)
)
async def update_workflow(workflowId: str, request: Request, services: ServicesDep) -> Response:  # noqa: N803
    """Change what is given; the next version is made of it. The slug stays, for programs know it."""
    asked = await read_shape(request, schemas.WorkflowUpdate, _BODY_LIMIT_BYTES)
    check_texts(name=asked.name, run_command=asked.run_command)
    now_ms = services.now_ms()

    def changed(known: Workflow) -> Workflow:
        trigger = asked.auto_deploy_trigger or known.labels.auto_deploy_trigger
        return replace(
            known,
            name=asked.name or known.name,
            source=_changed(known.source, asked.build_config, services),
            start_command=known.start_command if asked.run_command is None else asked.run_command,
            labels=replace(known.labels, auto_deploy_trigger=trigger),
            updated_at_ms=now_ms,
        )

    workflow = await services.workflows.get(workflowId)
    pause = await services.pauses.of(workflow.id)
    return answer(render.workflow(await services.workflows.edit(workflow.id, changed), pause))


@router.post(
    "/v1/workflowversions",
    status_code=HTTPStatus.ACCEPTED,
    response_model=None,
    openapi_extra=declared(schemas.VersionCreate),
)
async def create_version(request: Request, services: ServicesDep) -> Response:
    """Build a new version of the workflow's repo; the answer is empty, and the version is the first in the list by then."""
    require_admission(services.admission.no_deploys)
    asked = await read_shape(request, schemas.VersionCreate, _BODY_LIMIT_BYTES)
    workflow = await services.workflows.get(asked.workflow_id)
    if not workflow.source.is_git:
        message = (
            f"workflow '{workflow.slug}' was uploaded from {workflow.source.location}, not made of a repo: "
            "upload it again with orchestrator deploy FOLDER, or give it a repo (PATCH buildConfig.repo)"
        )
        raise Refused(HTTPStatus.CONFLICT, "no_repo", message)
    await services.workflows.queue_version(workflow, commit=check_commit(asked.commit), now_ms=services.now_ms())
    return Response(status_code=HTTPStatus.ACCEPTED)


def _source(config: schemas.BuildConfig, services: Services) -> Source:
    check_texts(build_command=config.build_command, root_dir=config.root_dir)
    return Source(
        check_repo(config.repo, services),
        branch=check_branch(config.branch or None),
        root_dir=config.root_dir or None,
        is_git=True,
        build_command=config.build_command,
        runtime=config.runtime,
    )


def _changed(known: Source, asked: schemas.BuildConfigUpdate | None, services: Services) -> Source:
    """The stored values, replaced by those of the request; an empty text removes one."""
    if asked is None:
        return known
    fields = asked.model_dump(exclude_none=True)
    repo = fields.pop("repo", None)
    check_texts(build_command=fields.get("build_command"), root_dir=fields.get("root_dir"))
    check_branch(fields.get("branch") or None)
    fields |= {name: fields[name] or None for name in ("branch", "root_dir") if name in fields}
    # Clients that send the whole of it back mean no other repo than it is made of.
    if repo is not None and repo != known.location:
        fields |= {"location": check_repo(repo, services), "is_git": True}
    return replace(known, **fields)
