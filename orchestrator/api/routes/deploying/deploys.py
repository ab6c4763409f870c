"""New versions of workflows, from uploaded source or a repo."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response

from orchestrator.api import render, schemas
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.errors import require_admission
from orchestrator.api.requests.archive import archive_in
from orchestrator.api.requests.body import declared, read_shape
from orchestrator.api.requests.checks import check_packages, check_registry, check_texts, reach_of, slug_of
from orchestrator.api.requests.refused import bad_request
from orchestrator.api.requests.repo_checks import check_branch, check_commit, check_repo
from orchestrator.api.responses import answer
from orchestrator.core.plans import MIB
from orchestrator.core.variables import problem, problem_of_build
from orchestrator.core.workflow import SOURCE_BYTES, BuildInputs, Source
from orchestrator.host.apart import computed, is_quick

router = APIRouter(tags=["workflows"])

_ARCHIVE_LIMIT_BYTES: Final = SOURCE_BYTES
"""Of one that is held whole, whatever an upload may have."""
_BODY_LIMIT_BYTES: Final = _ARCHIVE_LIMIT_BYTES * 4 // 3 + MIB


@router.post(
    "/v1/deploys",
    status_code=HTTPStatus.ACCEPTED,
    response_model=schemas.Deployed,
    openapi_extra=declared(schemas.Deploy),
)
async def deploy(request: Request, services: ServicesDep) -> Response:
    """Upload a new version, or name its repo; it is built next, and takes over once its tasks are registered.

    `env` is added to the variables that the workflow has.
    """
    require_admission(services.admission.no_deploys)
    asked = await read_shape(request, schemas.Deploy, _BODY_LIMIT_BYTES)
    slug = slug_of(asked.name)
    check_texts(
        start_command=asked.start_command,
        root_dir=asked.root_dir,
        source=asked.source,
        build_command=asked.build_command,
        dockerfile=asked.dockerfile,
    )
    check_packages(asked.apt)
    archive, upload = await _packed(asked, services)
    commit, now_ms = check_commit(asked.commit), services.now_ms()
    workflow = await services.workflows.configure(
        slug, _source(asked, services), asked.start_command, asked.env, _inputs(asked), now_ms=now_ms
    )
    version = await services.workflows.queue_version(
        workflow, archive=archive, upload=upload, commit=commit, now_ms=now_ms
    )
    pause = await services.pauses.of(workflow.id)
    shape = schemas.Deployed(workflow=render.workflow(workflow, pause), workflow_version=render.version(version))
    return answer(shape, HTTPStatus.ACCEPTED)


def _source(asked: schemas.Deploy, services: Services) -> Source:
    common = Source(
        asked.source or asked.name,
        root_dir=asked.root_dir,
        build_command=asked.build_command,
        apt=tuple(asked.apt),
        dockerfile=asked.dockerfile,
        submodules=asked.submodules,
        push=check_registry(asked.push) and f"{asked.push}/{slug_of(asked.name)}",
        network=reach_of(asked.network),
    )
    if asked.repo is None:
        return common
    return replace(common, location=check_repo(asked.repo, services), branch=check_branch(asked.branch), is_git=True)


def _inputs(asked: schemas.Deploy) -> BuildInputs:
    if found := problem({**asked.build_env, **asked.build_secrets}):
        raise bad_request(found)
    if found := problem_of_build(asked.build_env):
        raise bad_request(found)
    if both := sorted(asked.build_env.keys() & asked.build_secrets.keys()):
        raise bad_request(f"{', '.join(both)}: what is in buildSecrets cannot be in buildEnv, too")
    return BuildInputs(asked.build_env, asked.build_secrets)


async def _packed(asked: schemas.Deploy, services: Services) -> tuple[bytes | None, str | None]:
    """The archive, or the id of the upload that is held for it; neither of a repo. Raises Refused."""
    if asked.repo is not None:
        return None, None
    if asked.upload is not None:
        if not await services.workflows.uploads.hold(asked.upload):
            raise bad_request(f"there is no upload {asked.upload}: each is there for one deploy, within ten minutes")
        return None, asked.upload
    if asked.archive is None:
        raise bad_request("there is neither archive nor repo: send the one or the other")
    limit_bytes = min(_ARCHIVE_LIMIT_BYTES, services.source_bytes)
    if is_quick(asked.archive):
        return archive_in(asked.archive, limit_bytes), None
    return await computed(archive_in, asked.archive, limit_bytes), None
