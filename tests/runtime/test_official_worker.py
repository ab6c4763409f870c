"""The unmodified official SDKs as workers in the shim: tasks of each generation under the releases of that generation."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orchestrator_runtime import json_text, wire
from orchestrator_runtime.children import Chained
from orchestrator_runtime.latch import Latch
from orchestrator_runtime.outcome import Outcome
from orchestrator_runtime.worker import connection
from orchestrator_runtime.worker.http import Answer, Held, Request
from orchestrator_runtime.worker.listener import listen
from orchestrator_runtime.worker.protocol import Worker
from orchestrator_runtime.worker.server import WorkerServer
from tests import official
from tests.runtime.conftest import Launch, RunningShim

pytestmark = pytest.mark.long

SEED_GENERATION = """
import asyncio
from render_sdk import Retry, Workflows

app = Workflows()

@app.task
def square(a: int) -> int:
    print("squaring", a)
    return a * a

@app.task(name="sum", plan="starter", timeout_seconds=60, retry=Retry(max_retries=1, wait_duration_ms=10))
async def sum_squares(a: int, b: int = 2):
    first, second = await asyncio.gather(square(a), square(b))
    return [first, second]

@app.task
async def survives() -> str:
    try:
        await square(1)
    except Exception as error:
        return f"{type(error).__name__}: {error}"

@app.task
def fails() -> None:
    raise ValueError("boom")

@app.task
def leaves() -> None:
    raise SystemExit(3)

if __name__ == "__main__":
    app.start()
"""
CONTEXT_GENERATION = """
import asyncio
from render import Retry, TaskContext, Workflows

app = Workflows()

@app.task
def square(ctx: TaskContext, a: int) -> int:
    print("squaring", a)
    return a * a

@app.task(name="sum", plan="starter", timeout_seconds=60, retry=Retry(max_retries=1, wait_duration_ms=10))
async def sum_squares(ctx: TaskContext, a: int, b: int = 2):
    first, second = await asyncio.gather(ctx.run(square, a), ctx.run(square, b))
    return [first, second]

@app.task
async def survives(ctx: TaskContext) -> str:
    try:
        await ctx.run(square, 1)
    except Exception as error:
        return f"{type(error).__name__}: {error}"

@app.task
def fails(ctx: TaskContext) -> None:
    raise ValueError("boom")

@app.task
def leaves(ctx: TaskContext) -> None:
    raise SystemExit(3)

if __name__ == "__main__":
    app.start()
"""
METADATA = """
from render import TaskContext, Workflows
app = Workflows()

@app.task
def who(ctx: TaskContext) -> list:
    return [ctx.metadata.task_run_id, ctx.metadata.root_task_run_id, ctx.metadata.parent_task_run_id]

app.start()
"""


IMPATIENT = """
from {package} import Workflows
from {package}.workflows import client

client.QUERY_TIMEOUT = 2
app = Workflows()

@app.task
def waits({context}) -> str:
    return "late"

app.start()
"""


class LateHost:
    """A shim that has its assignment after 3 s, which takes longer than an impatient worker waits in silence."""

    def __init__(self, socket_path: str) -> None:
        self.worker = Worker(self)
        self.server = WorkerServer(socket.socket(fileno=listen(socket_path)), self._handle)
        self.call_later = self.server.call_later
        self.assigned = Latch()
        self.outcomes: list[dict[str, Any]] = []
        self.requests: list[str] = []

    def _handle(self, request: Request) -> Answer | Held:
        self.requests.append(request.path)
        return self.worker.handle(request)

    def annotate(self, **said: object) -> None:
        raise AssertionError("official workers say nothing")

    def assignment(self, timeout_s: float) -> wire.Assign | None:
        if not self.assigned.is_set:
            self.call_later(3.0, self.assigned.set)
            return None
        return wire.Assign(
            type="assign",
            run_id="trn-1",
            root_run_id="trn-1",
            parent_run_id=None,
            attempt=0,
            timeout_s=60,
            task="waits",
            traceparent=None,
            input=[],
        )

    def post_outcome(self, outcome: Outcome) -> Latch:
        self.outcomes.append(json_text.loads(outcome.frame))
        acknowledged = Latch()
        acknowledged.set()
        return acknowledged

    def start_confirmed(self, task: str, arguments: Any) -> Chained:
        raise AssertionError("it chains no run")

    def waiting(self, delta: int) -> None:
        raise AssertionError("it chains no run")


class Release:
    """One release, and the code of its generation."""

    def __init__(self, launch: Launch, requirement: str) -> None:
        self._launch = launch
        self._python = official.python_with(requirement)
        self._code = SEED_GENERATION if requirement in official.RELEASES else CONTEXT_GENERATION

    async def start(self, code: str = "", **options: Any) -> RunningShim:
        shim: RunningShim = await self._launch(code or self._code, python=self._python, env=official.NO_TLS, **options)
        return shim


@pytest.fixture(params=official.ALL)
def release(launch: Launch, request: pytest.FixtureRequest) -> Release:
    return Release(launch, request.param)


@pytest.fixture(params=[official.ALL[0], official.ALL[-1]])
def oldest_or_newest(launch: Launch, request: pytest.FixtureRequest) -> Release:
    """For what is the same in all of them."""
    return Release(launch, request.param)


async def child_of(shim: RunningShim) -> Any:
    """The next chained run it asks for, started."""
    child = await shim.frame("child")
    assert child.confirm
    await shim.send(type="child_started", call=child.call, child=f"trn-c{child.call}")
    return child


async def test_its_tasks_register_with_their_options(release: Release) -> None:
    shim = await release.start(mode="register")
    tasks = {task["name"]: task for task in (await shim.outcome("tasks")).tasks}
    assert set(tasks) == {"square", "sum", "survives", "fails", "leaves"}
    assert tasks["sum"]["options"]["plan"] == "starter"
    assert tasks["sum"]["options"]["timeout_seconds"] == 60
    assert tasks["sum"]["options"]["retry"]["max_retries"] == 1
    assert [one["name"] for one in tasks["sum"]["parameters"]] == ["a", "b"]
    assert await shim.exit_code() == 0


@pytest.mark.parametrize("requirement", [official.ALL[0], official.ALL[-1]])
def test_it_waits_for_its_input_for_longer_than_it_has_patience(
    requirement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HOLD_S", 0.1)
    package = "render_sdk" if requirement in official.RELEASES else "render"
    main = tmp_path / "main.py"
    main.write_text(IMPATIENT.format(package=package, context="" if package == "render_sdk" else "ctx"))
    host = LateHost(str(tmp_path / "w.sock"))
    host.server.start()
    environment = {"RENDER_SDK_MODE": "run", "RENDER_SDK_SOCKET_PATH": host.server.path, "PATH": os.environ["PATH"]}
    environment |= official.NO_TLS
    subprocess.run([official.python_with(requirement), main], env=environment, check=True, timeout=60)
    host.server.close()
    assert host.outcomes == [{"type": "result", "value": "late"}]
    assert host.requests == ["/input", "/callback"], "it asked once, and was not sent away"


async def test_a_task_runs_and_gives_its_value(release: Release) -> None:
    shim = await release.start()
    await shim.assign("square", 7)
    assert (await shim.outcome("result")).value == 49
    assert await shim.exit_code() == 0
    assert "squaring 7" in shim.output


async def test_arguments_may_be_keywords(oldest_or_newest: Release) -> None:
    shim = await oldest_or_newest.start()
    await shim.assign("square", a=3)
    assert (await shim.outcome("result")).value == 9


async def test_chained_runs_start_at_once_and_give_their_values(release: Release) -> None:
    shim = await release.start()
    await shim.assign("sum", 3, 4)
    # The two requests are made at the same time: either may come first.
    children = sorted([await child_of(shim), await child_of(shim)], key=lambda child: int(child.input[0]))
    assert [(child.task, child.input) for child in children] == [("square", [3]), ("square", [4])]
    for child in children:
        await shim.send(type="child_done", call=child.call, child=f"trn-c{child.call}", value=[child.input[0] ** 2])
    assert (await shim.outcome("result")).value == [9, 16]
    assert await shim.exit_code() == 0


async def test_a_failed_child_raises_in_its_parent(release: Release) -> None:
    shim = await release.start()
    await shim.assign("survives")
    child = await child_of(shim)
    error = {"status": "failed", "type": "ValueError", "message": "boom"}
    await shim.send(type="child_done", call=child.call, child="trn-c0", error=error)
    assert (await shim.outcome("result")).value == "TaskRunError: Subtask failed: boom"


async def test_a_refused_child_raises_in_its_parent(oldest_or_newest: Release) -> None:
    shim = await oldest_or_newest.start()
    await shim.assign("survives")
    child = await shim.frame("child")
    error = {"status": "refused", "type": "UnknownTask", "message": "no such task"}
    await shim.send(type="child_done", call=child.call, child="", error=error)
    assert "no such task" in (await shim.outcome("result")).value


async def test_an_exception_is_an_error_with_its_message(release: Release) -> None:
    shim = await release.start()
    await shim.assign("fails")
    assert (await shim.outcome("error")).error.message == "boom"
    assert await shim.exit_code() == 1
    assert any("ValueError: boom" in line for line in shim.output)


async def test_a_task_that_ends_the_process_has_no_outcome_but_a_code(oldest_or_newest: Release) -> None:
    shim = await oldest_or_newest.start()
    await shim.assign("leaves")
    assert await shim.exit_code() == 3


async def test_the_start_command_may_be_the_official_console_script(release: Release) -> None:
    shim = await release.start(entry_point="render-workflows worker:app", file="worker.py")
    await shim.assign("square", 2)
    assert (await shim.outcome("result")).value == 4


async def test_the_start_command_may_be_any_program(oldest_or_newest: Release) -> None:
    shim = await oldest_or_newest.start(entry_point="echo begin && exec python main.py")
    await shim.assign("square", 2)
    assert (await shim.outcome("result")).value == 4
    assert await shim.exit_code() == 0
    assert shim.output[0] == "begin"


@pytest.mark.parametrize("requirement", ["render==1.2.0", "render==1.5.0"])
async def test_a_task_knows_its_run(launch: Launch, requirement: str) -> None:
    shim = await Release(launch, requirement).start(METADATA)
    await shim.assign("who")
    assert (await shim.outcome("result")).value == ["trn-1", "trn-1", None]


NO_JSON = """
from render import TaskContext, Workflows
app = Workflows()

@app.task
def echo(ctx: TaskContext, a: float) -> float:
    return a

@app.task
def make_nan(ctx: TaskContext) -> float:
    return float("nan")

@app.task
async def send_nan(ctx: TaskContext) -> str:
    try:
        await ctx.run(echo, float("nan"))
    except Exception as error:
        return f"{type(error).__name__}: {error}"

app.start()
"""


async def test_an_argument_that_is_no_json_is_refused_at_once(launch: Launch) -> None:
    shim = await Release(launch, "render==1.5.0").start(NO_JSON)
    await shim.assign("send_nan")
    assert "NaN is not JSON" in (await shim.outcome("result")).value


async def test_a_result_that_is_no_json_is_an_error_that_says_so(launch: Launch) -> None:
    shim = await Release(launch, "render==1.5.0").start(NO_JSON)
    await shim.assign("make_nan")
    error = (await shim.outcome("error")).error
    assert (error.type, error.retryable) == ("ResultError", False)
    assert "NaN is not JSON" in error.message
