"""The variables of a workflow, by the hosted service's routes: its clients call what has variables a service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from orchestrator.api import render, schemas
from orchestrator.api.deps import Services, ServicesDep
from orchestrator.api.requests import paging
from orchestrator.api.requests.body import declared, read_list, read_shape
from orchestrator.api.requests.variables import value, values
from orchestrator.api.responses import answer
from orchestrator.core.plans import MIB
from orchestrator.core.variables import with_env
from orchestrator.core.workflow import Workflow
from orchestrator.store.workflows.store import Unknown

router = APIRouter(tags=["variables"])

_ALL: Final = "/v1/services/{serviceId}/env-vars"
_ONE: Final = _ALL + "/{envVarKey}"
_BODY_LIMIT_BYTES: Final = 8 * MIB

Change = Callable[[Mapping[str, str]], Mapping[str, str]]


@router.get(_ALL, response_model=list[schemas.EnvVarWithCursor])
async def list_variables(serviceId: str, query: Annotated[paging.Page, Query()], services: ServicesDep) -> Response:  # noqa: N803
    """The names of a workflow's variables, by its id or slug, in alphabetical order."""
    workflow = await services.workflows.get(serviceId)
    names = [name for name in sorted(workflow.env) if query.cursor is None or name > query.cursor]
    return _listed(workflow, names[: query.limit])


@router.put(
    _ALL, response_model=list[schemas.EnvVarWithCursor], openapi_extra=declared(schemas.EnvVarGiven, is_list=True)
)
async def replace_variables(serviceId: str, request: Request, services: ServicesDep) -> Response:  # noqa: N803
    """Have these variables and no others, from the workflow's next version on."""
    given = values(await read_list(request, schemas.EnvVarGiven, _BODY_LIMIT_BYTES))
    workflow = await _change(serviceId, services, lambda _: given)
    return _listed(workflow, sorted(workflow.env))


@router.patch(
    _ALL, response_model=list[schemas.EnvVarWithCursor], openapi_extra=declared(schemas.EnvVarGiven, is_list=True)
)
async def add_variables(serviceId: str, request: Request, services: ServicesDep) -> Response:  # noqa: N803
    """Have these variables beside the others, all in one step, from the workflow's next version on."""
    given = values(await read_list(request, schemas.EnvVarGiven, _BODY_LIMIT_BYTES))
    workflow = await _change(serviceId, services, lambda known: {**known, **given})
    return _listed(workflow, sorted(given))


@router.get(_ONE, response_model=schemas.EnvVar)
async def get_variable(serviceId: str, envVarKey: str, services: ServicesDep) -> Response:  # noqa: N803
    """A variable's name, and when it got its value."""
    workflow = await services.workflows.get(serviceId)
    _check_known(workflow, envVarKey)
    return answer(render.env_var(workflow, envVarKey))


@router.put(_ONE, response_model=schemas.EnvVar, openapi_extra=declared(schemas.EnvVarValue))
async def set_variable(serviceId: str, envVarKey: str, request: Request, services: ServicesDep) -> Response:  # noqa: N803
    """Have this variable beside the others, from the workflow's next version on."""
    given = value(envVarKey, await read_shape(request, schemas.EnvVarValue, _BODY_LIMIT_BYTES))
    workflow = await _change(serviceId, services, lambda known: {**known, envVarKey: given})
    return answer(render.env_var(workflow, envVarKey))


@router.delete(_ONE, status_code=HTTPStatus.NO_CONTENT)
async def unset_variable(serviceId: str, envVarKey: str, services: ServicesDep) -> Response:  # noqa: N803
    """Have this variable no more, from the workflow's next version on."""
    _check_known(await services.workflows.get(serviceId), envVarKey)
    await _change(serviceId, services, lambda known: {name: known[name] for name in known if name != envVarKey})
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _change(name: str, services: Services, change: Change) -> Workflow:
    workflow = await services.workflows.get(name)
    return await services.workflows.edit(
        workflow.id, lambda known: with_env(known, change(known.env), now_ms=services.now_ms())
    )


def _check_known(workflow: Workflow, key: str) -> None:
    if key not in workflow.env:
        known = ", ".join(sorted(workflow.env)) or "none"
        raise Unknown(f"workflow '{workflow.slug}' has no variable '{key}'; it has: {known}")


def _listed(workflow: Workflow, names: Iterable[str]) -> Response:
    return answer([schemas.EnvVarWithCursor(env_var=render.env_var(workflow, name), cursor=name) for name in names])
