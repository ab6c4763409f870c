"""The API put together."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from orchestrator import __version__
from orchestrator.api import errors, openapi
from orchestrator.api.auth import Gate
from orchestrator.api.browser import page, sessions
from orchestrator.api.deps import Services
from orchestrator.api.direct import Direct
from orchestrator.api.live import changes, durations, system, tree
from orchestrator.api.live.hub import Hub
from orchestrator.api.logs import routes, search, subscription
from orchestrator.api.logs.tree_tail import TreeTail
from orchestrator.api.requests.head import Head
from orchestrator.api.requests.refused import Refused
from orchestrator.api.routes import (
    api_keys,
    env_vars,
    events,
    instance,
    metrics,
    scrape,
    submissions,
    task_runs,
    tasks,
    versions,
    welcome,
    workflow_changes,
    workflows,
)
from orchestrator.api.routes.control import operations, pauses, reruns
from orchestrator.api.routes.deploying import deploys, sources
from orchestrator.api.schemas import Problem
from orchestrator.api.slugs import Slugs
from orchestrator.api.targets import Targets

ROUTERS: Final = (
    submissions.router,
    changes.router,
    tree.router,
    system.router,
    durations.router,
    events.router,  # before task_runs: "events" is no run's id
    task_runs.router,
    reruns.router,
    operations.router,
    routes.router,
    search.router,
    subscription.router,
    metrics.router,
    scrape.router,
    pauses.router,
    tasks.router,
    workflows.router,
    workflow_changes.router,
    versions.router,
    env_vars.router,
    deploys.router,
    sources.router,
    instance.router,
    openapi.router,
    api_keys.router,
    welcome.router,
    sessions.router,
    page.router,  # after what has addresses of its own below the page's
)


class _App(FastAPI):
    """Begins with our own layers: they answer every error and bound every body, and what is around them costs each request."""

    def build_middleware_stack(self) -> ASGIApp:
        """All that is in the gate."""
        stack: Any = super().build_middleware_stack()
        while not isinstance(stack, Gate):
            stack = stack.app
        return stack


def create_app(services: Services) -> FastAPI:
    """The ASGI application; serve it without lifespan, and run `services.feed` and `services.tail` beside it."""
    app = _App(
        title="Orchestrator",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=_included().routes,
    )
    app.state.services = services
    app.state.slugs = Slugs(services.workflows)
    app.state.targets = Targets(services.workflows)
    app.state.tree_tail = TreeTail(services)
    app.state.hub = Hub(services.feed, app.state.slugs.find, services.now_ms)
    for handled in errors.EXPECTED:
        app.add_exception_handler(handled, errors.handle)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_middleware(Direct, method="POST", path=submissions.PATH, endpoint=submissions.submit)
    app.add_middleware(Head)
    app.add_middleware(Gate, services=services)
    _complete_schema(app)
    return app


@cache
def _included() -> APIRouter:
    """All routes, worked out once for however many apps there are."""
    included = APIRouter(responses={"default": {"model": Problem, "description": "Why it was not done"}})
    for router in ROUTERS:
        included.include_router(router)
    return included


async def _no_route(request: Request, error: Exception) -> Response:
    """Give the router's own errors (404, 405) a message that says what there is."""
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND:
        message = f"there is no {path} in this API; /openapi.json lists what there is"
        return errors.response(Refused(HTTPStatus.NOT_FOUND, "unknown_route", message))
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(sorted(_methods(path)))
        message = f"{path} does not take {request.method}; it takes {allowed}"
        return errors.response(
            Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", message, {"Allow": allowed})
        )
    return errors.response(error)


def _methods(path: str) -> set[str]:
    """Those of the path that is meant first: ``/v1/task-runs/counts`` is no run's."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    matching = [route for route in routes if route.path_regex.match(path)]
    found = {method for route in matching if route.path == matching[0].path for method in route.methods or ()}
    return found or {"GET"}


def _complete_schema(app: FastAPI) -> None:
    generate = app.openapi
    app.openapi = lambda: openapi.complete(generate())  # type: ignore[method-assign]
