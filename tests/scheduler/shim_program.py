"""A program for the fake engine that does what the shim does: so schedules are tested without a container."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError

from orchestrator.engine.fake.process import FakeProcess
from orchestrator_runtime import wire


class ChildError(RuntimeError):
    """What a chained run's failure becomes in its parent."""

    def __init__(self, frame: Any) -> None:
        super().__init__(f"Subtask failed: {frame['error']['message']}")
        self.child_id = frame["child"]


@dataclass
class Task:
    """What a test's task sees: its container, its assignment, and how to chain."""

    process: FakeProcess
    client: Any
    assignment: dict[str, Any]
    pending: dict[str, Mapping[str, object]] = field(default_factory=dict)
    is_behind: bool = False
    _calls: Any = field(default_factory=itertools.count)
    _answers: dict[int, asyncio.Future[Any]] = field(default_factory=dict)

    @property
    def attempt(self) -> int:
        return int(self.assignment["attempt"])

    async def post(self, frame: Mapping[str, object]) -> None:
        kind = "outcome" if frame["type"] in ("result", "error") else f"{frame['type']}{frame.get('call', '')}"
        self.pending[kind] = frame
        await self._send(frame)

    async def catch_up(self) -> None:
        """Send again what was not answered, after a connection was lost."""
        if self.is_behind:
            self.is_behind = False
            for frame in list(self.pending.values()):
                await self._send(frame)

    async def _send(self, frame: Mapping[str, object]) -> None:
        stream = self.process.spec.env[wire.ENV_STREAM_OUT]
        try:
            await self.client.xadd(stream, {wire.FRAME_FIELD: json.dumps(frame)})
        except ConnectionError:
            self.is_behind = True

    async def start_child(self, task: str, *arguments: object) -> asyncio.Future[Any]:
        call = next(self._calls)
        self._answers[call] = asyncio.get_running_loop().create_future()
        await self.post({"type": "child", "call": call, "task": task, "input": list(arguments)})
        return self._answers[call]

    async def wait_for(self, *children: asyncio.Future[Any]) -> list[Any]:
        await self.post({"type": "waiting", "waiting": True})
        values = await asyncio.gather(*children)
        await self.post({"type": "waiting", "waiting": False})
        return list(values)

    def answer(self, frame: dict[str, Any]) -> None:
        self.pending.pop(f"child{frame['call']}", None)
        future = self._answers[frame["call"]]
        if not future.done() and "error" in frame:
            future.set_exception(ChildError(frame))
        elif not future.done():
            future.set_result(frame["value"])


Function = Callable[..., Awaitable[object]]


def shim_program(functions: Mapping[str, Function]) -> Callable[[FakeProcess], Awaitable[int]]:
    """The image whose tasks are these coroutine functions, each with a Task as its first argument."""

    async def program(process: FakeProcess) -> int:
        async with connect(process) as client:
            return await _run(process, client, functions)

    return program


def connect(process: FakeProcess) -> Any:
    """A client of the channel, as the process may use it."""
    env = process.spec.env
    return Redis(
        unix_socket_path=env[wire.ENV_CHANNEL_URL].removeprefix("unix://"),
        username=env[wire.ENV_CHANNEL_USER],
        password=env[wire.ENV_CHANNEL_PASSWORD],
        protocol=2,
        decode_responses=True,
        driver_info=None,  # a shim does not introduce itself
        retry=Retry(NoBackoff(), 0),
    )


async def _run(process: FakeProcess, client: Any, functions: Mapping[str, Function]) -> int:
    task = Task(process, client, {})
    await task.post({"type": "ready", "protocol": 1, "load_ms": 1.0})
    outcome: asyncio.Task[None] | None = None
    position = "0-0"
    try:
        while process.exit_code is None:
            try:
                answer = await client.execute_command(
                    *("XREAD", "COUNT", 64, "BLOCK", 500, "STREAMS"), process.spec.env[wire.ENV_STREAM_IN], position
                )
            except ConnectionError:
                answer, position, task.is_behind = [], "0-0", True
                await asyncio.sleep(0.05)
            await task.catch_up()
            for position, fields in answer[0][1] if answer else ():  # noqa: B007
                frame = json.loads(fields[wire.FRAME_FIELD])
                if frame["type"] == "assign" and outcome is None:
                    task.assignment = frame
                    task.pending.pop("ready")
                    outcome = asyncio.get_running_loop().create_task(_outcome(task, functions), name="task")
                elif frame["type"] == "child_done":
                    task.answer(frame)
                elif frame["type"] == "ack":
                    return 0
            if outcome is not None and outcome.done():
                outcome.result()
        return process.exit_code
    finally:
        if outcome is not None:
            outcome.cancel()


async def _outcome(task: Task, functions: Mapping[str, Function]) -> None:
    try:
        function, given = functions[task.assignment["task"]], task.assignment["input"]
        value = await (function(task, **given) if isinstance(given, dict) else function(task, *given))
        await task.post({"type": "result", "value": value})
    except Exception as error:
        info = {"kind": "task", "type": type(error).__name__, "message": str(error), "traceback": "", "retryable": True}
        if isinstance(error, ChildError):
            info["child"] = error.child_id
        await task.post({"type": "error", "error": info})
