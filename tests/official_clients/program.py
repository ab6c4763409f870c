"""Run by the interpreter of an official release: uses its client as a user does, and prints what it saw as JSON.

Each line of its input has the name of a part and the URL of an API: to import the client takes longer than a part does.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

PACKAGE = sys.argv[1]
sdk = importlib.import_module(PACKAGE)
errors = importlib.import_module(f"{PACKAGE}.client.errors")
types = importlib.import_module(f"{PACKAGE}.client.types")

Seen = dict[str, Any]


def generated(area: str, function: str) -> Any:
    """A module of the generated client; areas had other suffixes in other releases."""
    for name in (f"{area}_ea", f"{area}_beta", area):
        try:
            return importlib.import_module(f"{PACKAGE}.public_api.api.{name}.{function}")
        except ModuleNotFoundError as error:
            missing = error
    raise missing


def model(name: str) -> Any:
    return getattr(importlib.import_module(f"{PACKAGE}.public_api.models"), name)


def raised(call: Callable[[], Any]) -> list[str]:
    """The type of the error, and its message without what changes from run to run."""
    try:
        return ["nothing raised", repr(call())]
    except errors.RenderError as error:
        return [type(error).__name__, str(error)]


def detail(run: Any) -> Seen:
    return {
        "status": run.status.value,
        "results": run.results,
        "attempts": [attempt.status.value for attempt in run.attempts],
        "retries": run.retries,
    }


def accepts_keys(service: Any) -> bool:
    return "idempotency_key" in inspect.signature(service.start_task).parameters


def sync_client() -> Seen:
    service = sdk.Render().workflows
    started = service.start_task("w/square", [3])
    events = service.task_run_events([started.id, service.start_task("w/square", [4]).id])
    waiting = service.start_task("w/wait", [])
    service.cancel_task_run(waiting.id)
    seen = {
        "run": detail(service.run_task("w/square", [5])),
        "a list as argument": detail(service.run_task("w/echo", [[1, None, "é☃"]])),
        "two events": sorted(event.results[0] for event in events),
        "got": detail(service.get_task_run(started.id)),
        "failed": raised(lambda: service.run_task("w/boom", [])),
        "canceled": next(iter(service.task_run_events([waiting.id]))).status.value,
        "retried": detail(service.run_task("w/flaky", [])),
    }
    page = service.list_task_runs(types.ListTaskRunsParams(limit=2))
    rest = service.list_task_runs(types.ListTaskRunsParams(limit=100, cursor=page[-1].cursor))
    seen["pages"] = [len(page), len(rest), len({one.task_run.id for one in [*page, *rest]})]
    if accepts_keys(service):
        runs = [service.start_task("w/square", [n], idempotency_key="one") for n in (6, 7)]
        seen["same key, same run"] = runs[0].id == runs[1].id
    return seen


async def async_client() -> Seen:
    service = sdk.RenderAsync().workflows
    started = await service.start_task("w/square", [3])
    others = [await service.start_task("w/square", [n]) for n in (4, 5)]
    results = [event.results[0] async for event in service.task_run_events([one.id for one in others])]
    waiting = await service.start_task("w/wait", [])
    await service.cancel_task_run(waiting.id)
    try:
        failed = [repr(await service.run_task("w/boom", []))]
    except errors.TaskRunError as error:
        failed = ["TaskRunError", str(error)]
    return {
        "awaited": detail(await started),
        "run": detail(await service.run_task("w/square", [5])),
        "several at once": [one.results for one in await asyncio.gather(*(run_later(service, n) for n in (6, 7, 8)))],
        "events": sorted(results),
        "failed": failed,
        "canceled": (await waiting).status.value,
        "listed": len(await service.list_task_runs(types.ListTaskRunsParams(limit=3))),
    }


async def run_later(service: Any, number: int) -> Any:
    return await service.run_task("w/square", [number])


def refusals() -> Seen:
    service = sdk.Render().workflows
    ended = service.run_task("w/square", [2])
    stranger = sdk.Render(token="wrong").workflows
    return {
        "unknown run": raised(lambda: service.get_task_run("trn-00000000000000000000"))[0],
        "unknown task": raised(lambda: service.start_task("w/nothing", []))[0],
        "bad task": raised(lambda: service.start_task("", []))[0],
        "too large": raised(lambda: service.start_task("w/echo", ["x" * (4 * 1024 * 1024)]))[0],
        "ended": raised(lambda: service.cancel_task_run(ended.id))[0],
        "wrong key": raised(lambda: stranger.get_task_run(ended.id))[0],
    }


def store_away() -> Seen:
    service = sdk.Render().workflows
    return {
        "start": raised(lambda: service.start_task("w/square", [2]))[0],
        "get": raised(lambda: service.get_task_run("trn-00000000000000000000"))[0],
        "list": raised(service.list_task_runs)[0],
        "cancel": raised(lambda: service.cancel_task_run("trn-00000000000000000000"))[0],
    }


def public_api() -> Seen:
    """The generated functions: what the SDK's services have no parameters for."""
    client = sdk.Render()
    api = client.client.internal
    run = client.workflows.run_task("w/square", [2])
    task = generated("workflow_tasks", "list_tasks").sync(client=api, task_slug=["w/square"])[0].task
    lists = generated("workflow_tasks", "list_task_runs").sync
    by = {"task_slug": ["w/square"], "root_task_run_id": [run.id], "workflow_version_id": [task.workflow_version_id]}
    by |= {"workflow_id": [task.workflow_id], "owner_id": ["tea-any"]}
    none = {
        "task_slug": ["w/echo"],
        "root_task_run_id": ["trn-00000000000000000000"],
        "workflow_id": [f"wfl-{'0' * 20}"],
    }
    listed = generated("workflow_tasks", "list_tasks").sync
    return {
        "found by": {name: len(lists(client=api, **{name: value})) for name, value in by.items()},
        "found by all": len(lists(client=api, **by)),
        "not found by": {name: len(lists(client=api, **{name: value})) for name, value in none.items()},
        "task": generated("workflow_tasks", "get_task").sync(task.id, client=api).name,
        "tasks of workflow": sorted(one.task.name for one in listed(client=api, workflow_id=[task.workflow_id])),
        "workflows": workflows(api, task),
        "logs": logs(api, run, task),
        "metrics": metrics(api, task),
    }


def workflows(api: Any, task: Any) -> Seen:
    listed = generated("workflows", "list_workflows").sync(client=api, workflow_id=[task.workflow_id])
    versions = generated("workflows", "list_workflow_versions").sync(client=api, workflow_id=[task.workflow_id])
    version = generated("workflows", "get_workflow_version").sync(versions[0].workflow_version.id, client=api)
    created = generated("workflows", "create_workflow").sync(client=api, body=workflow_create())
    changed = generated("workflows", "update_workflow").sync(created.id, client=api, body=workflow_update())
    released = generated("workflows", "create_workflow_version").sync_detailed(
        client=api, body=model("CreateVersion")(workflow_id=created.id, commit="0" * 40)
    )
    newest = generated("workflows", "list_workflow_versions").sync(client=api, workflow_id=[created.id], limit=1)
    got = generated("workflows", "get_workflow").sync(created.id, client=api)
    deleted = generated("workflows", "delete_workflow").sync_detailed(created.id, client=api)
    return {
        "listed": [one.workflow.slug for one in listed],
        "version": version.status.value,
        "created": [created.name, created.owner_id, created.region.value, created.build_config.branch],
        "changed": [changed.name, changed.run_command, changed.build_config.repo],
        "released": [released.status_code, released.content.decode(), newest[0].workflow_version.status.value],
        "got": got.name,
        "deleted": deleted.status_code,
    }


def workflow_create() -> Any:
    config = model("BuildConfig").from_dict(
        {"repo": "https://127.0.0.1:1/none.git", "branch": "b", "buildCommand": "true", "runtime": "python"}
    )
    variables = [{"key": "A", "value": "1"}, {"key": "B", "generateValue": True}]
    body = {"name": "made", "ownerId": "tea-x", "region": "ohio", "runCommand": "python main.py", "envVars": variables}
    return model("WorkflowCreate").from_dict({**body, "buildConfig": config.to_dict(), "autoDeployTrigger": "off"})


def workflow_update() -> Any:
    config = {"repo": "https://127.0.0.1:1/other.git", "buildCommand": "true", "runtime": "python"}
    return model("WorkflowUpdate").from_dict({"runCommand": "python app.py", "buildConfig": config})


def logs(api: Any, run: Any, task: Any) -> Seen:
    arguments: Seen = {"client": api, "owner_id": "tea-x", "resource": [task.workflow_id]}
    listing = generated("logs", "list_logs").sync
    now = datetime.now(timezone.utc)  # noqa: UP017  # the name of today is younger than Python 3.10
    found = listing(**arguments, task=[task.id], task_run=[run.id], limit=5, start_time=now - timedelta(hours=1))
    levels = generated("logs", "list_logs_values")
    values = levels.sync(
        **arguments, label=importlib.import_module(f"{PACKAGE}.public_api.models").ListLogsValuesLabel("level")
    )
    return {"messages": [one.message for one in found.logs], "more": found.has_more, "levels": values}


def metrics(api: Any, task: Any) -> Seen:
    now = datetime.now(timezone.utc)  # noqa: UP017
    span: Seen = {"start_time": now - timedelta(minutes=5), "end_time": now + timedelta(minutes=5)}
    span |= {"client": api, "resource": task.id}
    queued = generated("metrics", "get_task_runs_queued").sync(**span)
    completed = generated("metrics", "get_task_runs_completed").sync(**span)
    return {
        "queued": [one.unit for one in queued],
        "completed": sum(value.value for one in completed for value in one.values) >= 1,
    }


def run(part: str) -> Seen:
    made = globals()[part]()
    return dict(asyncio.run(made)) if inspect.iscoroutine(made) else dict(made)


if __name__ == "__main__":
    for line in sys.stdin:
        wanted, os.environ["RENDER_LOCAL_DEV_URL"] = line.split()
        sys.stdout.write(f"{json.dumps(run(wanted))}\n")
        sys.stdout.flush()
