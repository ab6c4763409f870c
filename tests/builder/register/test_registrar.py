from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from orchestrator.builder.errors import RegistrationFailed
from orchestrator.builder.image.builder import BuiltImage
from orchestrator.builder.register.registrar import SAME_AS_BEFORE, Registrar
from orchestrator.channel.channel import Received
from orchestrator.channel.frames import parse
from orchestrator.core.container.spec import ContainerDefaults, ContainerSpec, ContainerState, Role
from orchestrator.core.logs import LogLine
from orchestrator.core.tasks import TaskDraft, Warm
from orchestrator.engine.base import Engine, EngineError
from orchestrator_runtime import wire

Frame = dict[str, object]
BUILT = BuiltImage("sha256:1", "main.py", {"TOKEN": "t", wire.ENV_MODE: "run"}, "requirements.txt")
DEFAULTS = ContainerDefaults("bridge", (), wire.SHIM_COMMAND, wire.APP_DIR)


@dataclass
class StubChannel:
    """Delivers `frames` as soon as somebody listens, and `late` ones when it is drained."""

    frames: list[Frame]
    late: list[Frame] = field(default_factory=list)
    sent: list[Mapping[str, object]] = field(default_factory=list)
    queue: asyncio.Queue[Received] = field(default_factory=asyncio.Queue)
    is_open: bool = False

    async def open(self, channel_id: str) -> Mapping[str, str]:
        self.is_open = True
        return {wire.ENV_CHANNEL_USER: channel_id}

    def subscribe(self, channel_id: str) -> asyncio.Queue[Received]:
        self._deliver(self.frames)
        return self.queue

    async def drain(self, channel_id: str) -> None:
        self._deliver(self.late)

    def _deliver(self, frames: list[Frame]) -> None:
        for frame in frames:
            self.queue.put_nowait(Received("1-0", parse(json.dumps(frame))))

    async def send(self, channel_id: str, frame: Mapping[str, object]) -> None:
        self.sent.append(frame)

    async def close(self, channel_id: str) -> None:
        self.is_open = False


@dataclass
class StubEngine:
    """One container that prints `printed` and ends in `ends`, or never when that is None."""

    ends: ContainerState | EngineError | None = None
    printed: tuple[str, ...] = ()
    specs: list[ContainerSpec] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    start_error: EngineError | None = None

    async def create(self, spec: ContainerSpec) -> str:
        self.specs.append(spec)
        return "c1"

    async def start(self, container_id: str) -> None:
        if self.start_error:
            raise self.start_error

    async def wait(self, container_id: str) -> ContainerState | None:
        if self.ends is None:
            await asyncio.Event().wait()
        if isinstance(self.ends, EngineError):
            raise self.ends
        return self.ends

    async def list(self) -> list[ContainerState]:
        return [ContainerState("c1", labels=spec.labels) for spec in self.specs] + [ContainerState("other")]

    async def remove(self, container_id: str) -> None:
        self.removed.append(container_id)

    async def logs(
        self, container_id: str, *, since_ns: int = 0, follow: bool
    ) -> AsyncGenerator[Sequence[LogLine], None]:
        if self.printed:
            yield [LogLine(0, "stdout", message) for message in self.printed]


def exited(code: int, *, oom_killed: bool = False) -> ContainerState:
    return ContainerState("c1", started_at_ms=1, exit_code=code, oom_killed=oom_killed)


TASKS: Frame = {"type": "tasks", "tasks": [{"name": "square", "options": {}, "parameters": []}]}


def failed(kind: str, message: str, traceback: str = "") -> Frame:
    error = {"kind": "load", "type": kind, "message": message, "traceback": traceback, "retryable": True}
    return {"type": "error", "error": error}


async def register(
    engine: StubEngine,
    channel: StubChannel,
    *,
    timeout_s: float = 30,
    built: BuiltImage = BUILT,
    defaults: ContainerDefaults = DEFAULTS,
) -> tuple[tuple[TaskDraft, ...], list[str]]:
    lines: list[str] = []

    async def log(line: str) -> None:
        lines.append(line)

    registrar = Registrar(cast(Engine, engine), channel, "test", defaults, timeout_s)
    return await registrar.register(built, log), lines


async def test_the_announced_tasks_are_acknowledged_and_returned() -> None:
    channel, engine = StubChannel([{"type": "progress", "waiting": True}, TASKS]), StubEngine(exited(0), ("loading",))
    tasks, lines = await register(engine, channel)
    assert ([task.name for task in tasks], channel.sent, lines) == (["square"], [{"type": "ack"}], ["loading"])


@dataclass
class Again:
    """A registrar that is asked twice or more; `started` is how many containers it has had for that."""

    engine: StubEngine = field(default_factory=lambda: StubEngine(exited(0)))
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.channel = StubChannel([TASKS])
        self.registrar = Registrar(cast(Engine, self.engine), self.channel, "test", DEFAULTS)

    @property
    def started(self) -> int:
        return len(self.engine.specs)

    async def register(self, built: BuiltImage) -> tuple[TaskDraft, ...]:
        async def log(line: str) -> None:
            self.lines.append(line)

        return await self.registrar.register(built, log)


async def test_what_was_registered_is_known_while_nothing_it_depends_on_changes() -> None:
    again = Again()
    first, second = await again.register(BUILT), await again.register(replace(BUILT, archive_digest="other"))
    assert (first, again.started) == (second, 1)
    assert again.lines == [SAME_AS_BEFORE]


@pytest.mark.parametrize(
    "changed",
    [
        {"image": "sha256:2"},
        {"entry_point": "other.py"},
        {"env": {**BUILT.env, "TOKEN": "other"}},
        {"warm": Warm("off")},
        {"network": ()},
    ],
)
async def test_what_it_depends_on_has_it_registered_anew(changed: dict[str, Any]) -> None:
    again = Again()
    await again.register(BUILT)
    await again.register(replace(BUILT, **changed))
    assert (again.started, again.lines) == (2, [])


async def test_what_failed_is_tried_again() -> None:
    again = Again()
    again.channel.frames = [failed("ImportError", "no database")]
    with pytest.raises(RegistrationFailed):
        await again.register(BUILT)
    again.channel.frames = [TASKS]
    assert [task.name for task in await again.register(BUILT)] == ["square"]


async def test_an_answer_that_trails_the_exit_counts() -> None:
    tasks, _ = await register(StubEngine(exited(0)), StubChannel([], late=[TASKS]))
    assert [task.name for task in tasks] == ["square"]


async def test_the_container_is_told_to_register_and_not_more() -> None:
    engine = StubEngine(exited(0))
    await register(engine, StubChannel([TASKS]))
    env, labels = engine.specs[0].env, engine.specs[0].labels
    assert (env[wire.ENV_MODE], env[wire.ENV_ENTRY_POINT], env["TOKEN"]) == ("register", "main.py", "t")
    assert labels["orchestrator.role"] == Role.REGISTER
    assert env[wire.ENV_CHANNEL_USER] == labels["orchestrator.channel"]


async def fails_with(engine: StubEngine, channel: StubChannel, **how: Any) -> str:
    """The message of the failure, after which nothing may be left."""
    with pytest.raises(RegistrationFailed) as caught:
        await register(engine, channel, **how)
    assert (engine.removed, channel.is_open) == (["c1"], False)
    return str(caught.value)


async def test_lists_of_places_are_refused_where_the_network_is_not_kept_to_them() -> None:
    tasks: Frame = {"type": "tasks", "tasks": [{"name": "square", "options": {"network": ["db.lan"]}}]}
    engine, elsewhere = StubEngine(exited(0)), replace(DEFAULTS, keeps_lists=False)
    message = await fails_with(engine, StubChannel([tasks]), defaults=elsewhere)
    assert message.startswith("task 'square' may reach a list of places only")


async def test_an_error_shows_the_user_s_own_traceback() -> None:
    message = await fails_with(
        StubEngine(exited(1)), StubChannel([failed("SyntaxError", "bad", 'File "main.py", line 3')])
    )
    assert message == 'loading main.py failed: SyntaxError: bad\nFile "main.py", line 3'


async def test_an_error_of_the_shim_is_its_message_alone() -> None:
    frame = failed(
        "orchestrator_runtime.user_code.entry_point.EntryPointError", "main.py finished without calling app.start()"
    )
    message = await fails_with(StubEngine(exited(1)), StubChannel([frame]))
    assert message == "main.py finished without calling app.start()"


async def test_a_frame_that_is_none_ends_it() -> None:
    message = await fails_with(StubEngine(), StubChannel([{"type": "nonsense"}]))
    assert message.startswith("the container was not understood: ")


async def test_a_missing_dependency_comes_with_advice() -> None:
    frame = failed("ModuleNotFoundError", "No module named 'humanize'")
    assert "add humanize to requirements.txt" in await fails_with(StubEngine(exited(1)), StubChannel([frame]))


async def test_tasks_that_break_a_rule_are_named() -> None:
    frame: Frame = {"type": "tasks", "tasks": [{"name": "a", "options": {"plan": "huge"}}]}
    assert "task 'a': unknown plan 'huge'" in await fails_with(StubEngine(exited(0)), StubChannel([frame]))


async def test_an_end_without_an_answer_shows_exit_code_and_last_output() -> None:
    message = await fails_with(StubEngine(exited(3), ("hello", "bye")), StubChannel([]))
    assert "exit code 3" in message
    assert message.endswith("  hello\n  bye")


async def test_running_out_of_memory_names_the_plan() -> None:
    message = await fails_with(StubEngine(exited(137, oom_killed=True)), StubChannel([]))
    assert "used all 2 GiB of plan standard" in message


async def test_the_advice_is_in_the_language_of_the_program() -> None:
    message = await fails_with(StubEngine(exited(1)), StubChannel([]), built=replace(BUILT, entry_point="npm start"))
    assert "define one with task({" in message
    assert "app." not in message


async def test_code_that_never_registers_is_stopped_in_time() -> None:
    message = await fails_with(StubEngine(None, ("busy",)), StubChannel([]), timeout_s=0.05)
    assert "no tasks after 0.05 s: app.start() was not called" in message
    assert message.endswith("  busy")


async def test_a_repo_that_names_no_sdk_is_told_the_line_to_add_and_is_not_waited_for_long() -> None:
    channel, engine, lines = StubChannel([]), StubEngine(), list[str]()

    async def log(line: str) -> None:
        lines.append(line)

    registrar = Registrar(cast(Engine, engine), channel, "test", DEFAULTS, 30, doubtful_timeout_s=0.05)
    with pytest.raises(RegistrationFailed, match=r"no tasks after 0.05 s: no file of the repo names .* add `from orch"):
        await registrar.register(replace(BUILT, names_sdk=False), log)
    assert lines[0].startswith("no file of the repo names orchestrator_sdk or render_sdk: add `from orchestrator_sdk")
    assert lines[0].endswith("; tasks are waited for 0.05 s")


async def test_a_package_may_register_tasks_for_a_repo_that_names_no_sdk() -> None:
    tasks, _ = await register(StubEngine(exited(0)), StubChannel([TASKS]), built=replace(BUILT, names_sdk=False))
    assert [task.name for task in tasks] == ["square"]


@pytest.mark.parametrize("engine", [StubEngine(EngineError("gone")), StubEngine(start_error=EngineError("gone"))])
async def test_our_own_faults_are_not_the_user_s(engine: StubEngine) -> None:
    channel = StubChannel([])
    with pytest.raises(EngineError, match="gone"):
        await register(engine, channel)
    assert (engine.removed, channel.is_open) == (["c1"], False)


async def test_cancelling_leaves_nothing_behind() -> None:
    engine, channel = StubEngine(), StubChannel([])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await register(engine, channel)
    assert (engine.removed, channel.is_open) == (["c1"], False)
