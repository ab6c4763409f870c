"""Programs written for the official package's 0.6 surface, on ours."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import orchestrator_sdk
from orchestrator_sdk import AsyncClient, Client
from tests.sdk.client.conftest import URL, Server, ended, run_json
from tests.sdk.conftest import FakeHost, Served

SDK = Path(orchestrator_sdk.__file__).parents[1]


@pytest.fixture
def render_sdk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package, found where the shim would find it, with an empty global registry."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(SDK / "compat")])
    yield importlib.import_module("render_sdk")
    for name in [name for name in sys.modules if name.partition(".")[0] == "render_sdk"]:
        del sys.modules[name]


def test_it_is_not_importable_without_being_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", "import render_sdk"], capture_output=True, text=True)
    assert "No module named 'render_sdk'" in done.stderr


def test_the_task_side_is_ours(render_sdk: Any) -> None:
    assert issubclass(render_sdk.Workflows, orchestrator_sdk.Workflows)
    assert render_sdk.Retry is orchestrator_sdk.Retry
    assert render_sdk.TaskContext is orchestrator_sdk.TaskContext
    workflows = importlib.import_module("render_sdk.workflows")
    assert all(hasattr(workflows, name) for name in ("Options", "Retry", "Workflows", "start", "task"))


def test_the_global_registry_of_early_programs_works(render_sdk: Any, loaded: FakeHost) -> None:
    options = render_sdk.Options(retry=render_sdk.Retry(2, 100), timeout_seconds=60, plan="pro")

    def plain() -> None: ...

    render_sdk.task(plain)
    render_sdk.task(name="other", options=options)(plain)
    with pytest.raises(Served) as served:
        render_sdk.start()
    retry = {"max_retries": 2, "wait_duration_ms": 100, "backoff_scaling": 1.5}
    assert [(one["name"], one["options"]) for one in served.value.app.definitions()] == [
        ("plain", {}),
        ("other", {"retry": retry, "timeout_seconds": 60, "plan": "pro"}),
    ]


def test_the_app_takes_the_forms_of_early_programs(render_sdk: Any) -> None:
    app = render_sdk.Workflows(default_plan="pro", auto_start=True)

    def old() -> None: ...

    def new() -> None: ...

    app.task(timeout=60)(old)
    app.task(new)
    both = render_sdk.Workflows.from_workflows(app, default_timeout=90, auto_start=True)
    assert [(one["name"], one["options"]) for one in both.definitions()] == [
        ("old", {"timeout_seconds": 60, "plan": "pro"}),
        ("new", {"plan": "pro"}),
    ]


def test_the_errors_are_ours_under_their_names(render_sdk: Any) -> None:
    errors = importlib.import_module("render_sdk.client.errors")
    assert issubclass(orchestrator_sdk.TaskRunError, errors.RenderError)
    assert issubclass(orchestrator_sdk.NotFoundError, errors.ClientError)
    assert issubclass(errors.RateLimitError, errors.ClientError)
    assert issubclass(orchestrator_sdk.ConnectionError, errors.ServerError)
    assert issubclass(errors.TimeoutError, errors.RenderError)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def service(render_sdk: Any, server: Server) -> Iterator[Any]:
    services = importlib.import_module("render_sdk.client.services")
    with Client(url=URL, transport=httpx.MockTransport(server)) as client:
        yield services.SyncWorkflowsService(client)


@pytest.fixture
async def async_service(render_sdk: Any, server: Server) -> Any:
    services = importlib.import_module("render_sdk.client.services")
    return services.WorkflowsService(AsyncClient(url=URL, transport=httpx.MockTransport(server)))


PENDING = (202, run_json(status="pending"))


def test_run_task_waits_for_the_details(service: Any, server: Server) -> None:
    server.answers = [PENDING, ended(run_json())]
    details = service.run_task("workflow/task", [2])
    assert (details.id, details.status.value, details.results, details.input_) == ("trn-1", "completed", [4], [2])


def test_a_failed_run_raises_its_error(service: Any, server: Server) -> None:
    server.answers = [PENDING, ended(run_json(status="failed", error="boom"))]
    with pytest.raises(orchestrator_sdk.TaskRunError, match=r"^boom$"):
        service.run_task("workflow/task", [2])


def test_a_canceled_run_is_returned(service: Any, server: Server) -> None:
    server.answers = [PENDING, ended(run_json(status="canceled"))]
    assert service.run_task("workflow/task", [2]).status == "canceled"


def test_the_documented_polling_loop_ends(service: Any, server: Server) -> None:
    server.answers = [PENDING, (200, run_json(status="running")), (200, run_json())]
    details = service.get_task_run(service.start_task("workflow/task", {"a": 2}).id)
    while details.status.value not in ("completed", "failed", "canceled"):
        details = service.get_task_run("trn-1")
    assert details.results == [4]


def test_runs_are_listed_with_their_cursors(service: Any, server: Server) -> None:
    types = importlib.import_module("render_sdk.client.types")
    server.answers = [(200, [{"taskRun": run_json(), "cursor": "c1"}])]
    [one] = service.list_task_runs(types.ListTaskRunsParams(limit=5, owner_id=["tea-1"]))
    assert (one.task_run.id, one.cursor) == ("trn-1", "c1")
    assert server.paths == ["GET /v1/task-runs?limit=5"]


def test_runs_are_canceled_and_watched(service: Any, server: Server) -> None:
    server.answers = [(204, None), ended(run_json(status="canceled"))]
    assert service.cancel_task_run("trn-1") is None
    assert [run.status for run in service.task_run_events(["trn-1"])] == ["canceled"]


async def test_a_started_run_can_be_awaited(async_service: Any, server: Server) -> None:
    server.answers = [PENDING, ended(run_json())]
    run = await async_service.start_task("workflow/task", [2])
    assert (run.id, run.status, run.is_terminal_status()) == ("trn-1", "pending", False)
    assert (await run).results == [4]


async def test_the_async_service_does_the_same(async_service: Any, server: Server) -> None:
    server.answers = [
        PENDING,
        ended(run_json()),
        (200, run_json()),
        (200, [{"taskRun": run_json(), "cursor": "c1"}]),
        (204, None),
        ended(run_json()),
    ]
    assert (await async_service.run_task("workflow/task", [2])).results == [4]
    assert (await async_service.get_task_run("trn-1")).id == "trn-1"
    assert [one.cursor for one in await async_service.list_task_runs()] == ["c1"]
    await async_service.cancel_task_run("trn-1")
    assert [run.id async for run in async_service.task_run_events(["trn-1"])] == ["trn-1"]


def test_the_clients_find_the_server_by_the_official_variables(
    render_sdk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENDER_LOCAL_DEV_URL", "http://dev.test:8120")
    render = render_sdk.Render(token="k", base_url="http://ignored.test", owner_id="tea-1", region="oregon")
    assert render.workflows._client.address.url == "http://dev.test:8120"
    monkeypatch.delenv("RENDER_LOCAL_DEV_URL")
    assert render_sdk.Render(base_url="http://mine.test").workflows._client.address.url == "http://mine.test"
    assert render_sdk.RenderAsync(token="k").workflows._client.address.api_key == "k"


def test_an_unknown_name_is_an_attribute_error(render_sdk: Any) -> None:
    assert not hasattr(render_sdk, "Nothing")
