"""Learning an image's tasks: it runs once in register mode, and says what it found."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

from orchestrator.builder.errors import RegistrationFailed
from orchestrator.builder.image.builder import BuiltImage
from orchestrator.builder.image.recent import Recent
from orchestrator.builder.register.hints import hint_for
from orchestrator.builder.words import Words, words_for
from orchestrator.channel.channel import Received
from orchestrator.channel.frames import Violation
from orchestrator.core.container.network import EVERYWHERE, NOWHERE
from orchestrator.core.container.spec import (
    ContainerDefaults,
    ContainerIdentity,
    ContainerState,
    Role,
    compile_spec,
)
from orchestrator.core.plans import DEFAULT_PLAN, PLANS, format_bytes
from orchestrator.core.tasks import NO_TASKS, InvalidTasks, TaskDraft, check
from orchestrator.engine.base import Engine, EngineError, Log
from orchestrator_runtime.wire import ENV_ENTRY_POINT, ENV_MODE, EXIT_HEAP_FULL, Ack, Error, ErrorInfo, Tasks

REGISTER_TIMEOUT_S: Final = 60.0
DOUBTFUL_TIMEOUT_S: Final = 10.0
"""Where no file of the repo names an SDK: a package that it installs may, and a line in the repo says so."""
SAME_AS_BEFORE: Final = (
    "the tasks are those registered before: same image, same variables (a new variable has them registered anew)"
)
_PLAN: Final = PLANS[DEFAULT_PLAN]
_AFTER_DRAIN_S: Final = 0.5
"""For a task of this process to take a frame that is in its queue already."""
_EXIT_AFTER_ACK_S: Final = 5.0
_CLEAN_UP_S: Final = 60.0
_SHIM_ERRORS: Final = "orchestrator_runtime."
"""Errors of these modules say what to do in their message; there is no code of the user's to point at."""
_LINES_KEPT: Final = 500
_LINES_SHOWN: Final = 20

Answer = Tasks | Error | Violation


class Channel(Protocol):
    """What registering needs of the channel, for the container with this channel_id."""

    async def open(self, channel_id: str) -> Mapping[str, str]:
        """Make its streams and user; returns the environment through which it finds them."""

    def subscribe(self, channel_id: str) -> asyncio.Queue[Received]:
        """The frames it sends."""

    async def drain(self, channel_id: str) -> None:
        """Queue all it has sent, now that it has ended."""

    async def send(self, channel_id: str, frame: Mapping[str, object]) -> None:
        """Send a frame to it."""

    async def close(self, channel_id: str) -> None:
        """Delete its streams and user; safe to repeat."""


@dataclass(frozen=True, slots=True)
class Registrar:
    """Runs built images in register mode, each in a container of its own that is gone afterwards."""

    engine: Engine
    channel: Channel
    instance: str
    defaults: ContainerDefaults
    timeout_s: float = REGISTER_TIMEOUT_S
    doubtful_timeout_s: float = DOUBTFUL_TIMEOUT_S
    _recent: Recent[tuple[TaskDraft, ...]] = field(default_factory=Recent)

    async def register(self, built: BuiltImage, log: Log) -> tuple[TaskDraft, ...]:
        """The image's checked tasks. Raises RegistrationFailed, or EngineError when the fault is ours.

        What the container printed goes to `log`. One that would be the same container as before is not started.
        """
        if (known := self._recent[_inputs(built)]) is not None:
            await log(SAME_AS_BEFORE)
            return known
        tasks = await self._registered(built, log)
        self._recent[_inputs(built)] = tasks
        return tasks

    async def _registered(self, built: BuiltImage, log: Log) -> tuple[TaskDraft, ...]:
        identity = ContainerIdentity(self.instance, Role.REGISTER, secrets.token_hex(16))
        try:
            env = {**built.env, **await self.channel.open(identity.channel_id)}
            env |= {ENV_ENTRY_POINT: built.entry_point, ENV_MODE: "register"}
            spec = compile_spec(identity, built.image, _PLAN, env, self.defaults, built.network)
            container_id = await self.engine.create(spec)
            answer = await self._run(container_id, identity.channel_id, built, log)
        finally:
            await self._clean_up(identity.channel_id)
        tasks = _tasks(answer, built)
        self._check_networks(tasks)
        return tasks

    def _check_networks(self, tasks: Iterable[TaskDraft]) -> None:
        """Lists of places are kept to on the instance's own network alone."""
        narrow = [task.name for task in tasks if task.network not in (EVERYWHERE, NOWHERE)]
        if narrow and not self.defaults.keeps_lists:
            raise RegistrationFailed(
                f"task '{narrow[0]}' may reach a list of places only, and ORCHESTRATOR_NETWORK={self.defaults.network} is not "
                "kept to such lists: unset it, or let the task say 'internet' or 'none'"
            )

    async def _run(self, container_id: str, channel_id: str, built: BuiltImage, log: Log) -> Answer:
        words, timeout_s = _words(built), self.timeout_s
        if not built.names_sdk:
            timeout_s = min(timeout_s, self.doubtful_timeout_s)
            await log(f"{words.silent}; tasks are waited for {timeout_s:g} s")
        await self.engine.start(container_id)
        answer: Answer | ContainerState | None = None
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                answer = await self._answer(container_id, channel_id)
        if isinstance(answer, Tasks | Error):
            await self.channel.send(channel_id, Ack(type="ack"))
            await self._exit(container_id)
        printed = await self._printed(container_id)
        for line in printed:
            await log(line)
        if answer is None or isinstance(answer, ContainerState):
            raise RegistrationFailed(_silent(answer, timeout_s, words) + _tail(printed))
        return answer

    async def _answer(self, container_id: str, channel_id: str) -> Answer | ContainerState:
        """The first frame with tasks or an error, or the container's state when it ends without one."""
        try:
            async with asyncio.TaskGroup() as group:
                frame = group.create_task(_answering(self.channel.subscribe(channel_id)), name="register frame")
                ended = group.create_task(self._end(container_id), name="register exit")
                await asyncio.wait((frame, ended), return_when=asyncio.FIRST_COMPLETED)
                if not frame.done():
                    await self.channel.drain(channel_id)
                    await asyncio.wait((frame,), timeout=_AFTER_DRAIN_S)
                answer = frame.result() if frame.done() else ended.result()
                frame.cancel()
                ended.cancel()
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return answer

    async def _end(self, container_id: str) -> ContainerState:
        if state := await self.engine.wait(container_id):
            return state
        raise EngineError("the container that registers was removed while it ran: deploy again")

    async def _exit(self, container_id: str) -> None:
        """Wait for the end of an answered container, so that its last line is not lost; it may not come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_EXIT_AFTER_ACK_S):
                await self.engine.wait(container_id)

    async def _printed(self, container_id: str) -> list[str]:
        lines: deque[str] = deque(maxlen=_LINES_KEPT)
        async for batch in self.engine.logs(container_id, follow=False):
            lines.extend(line.message for line in batch)
        return list(lines)

    async def _clean_up(self, channel_id: str) -> None:
        """Remove by label, not by id: a create that was interrupted has made a container whose id nobody knows."""
        async with asyncio.timeout(_CLEAN_UP_S):
            try:
                for container in await self.engine.list():
                    if container.channel_id == channel_id:
                        await self.engine.remove(container.id)
            except EngineError:
                pass  # the sweep removes what is left
            await self.channel.close(channel_id)


def _inputs(built: BuiltImage) -> Hashable:
    """All of it that the container, and what is made of its answer, depend on."""
    return built.image, built.entry_point, tuple(sorted(built.env.items())), built.warm, built.network


async def _answering(frames: asyncio.Queue[Received]) -> Answer:
    while True:
        received = await frames.get()
        if isinstance(received.frame, Answer):
            return received.frame


def _tasks(answer: Answer, built: BuiltImage) -> tuple[TaskDraft, ...]:
    if isinstance(answer, Violation):
        raise RegistrationFailed(f"the container was not understood: {answer.reason}")
    if isinstance(answer, Error):
        raise RegistrationFailed(_user_error(answer.error, built))
    try:
        return check(answer.tasks, built.warm, built.network)
    except InvalidTasks as error:
        how = f": {_words(built).how}" if error.problems == (NO_TASKS,) else ""
        raise RegistrationFailed(f"{error}{how}") from error


def _words(built: BuiltImage) -> Words:
    return words_for(built.entry_point, names_sdk=built.names_sdk)


def _user_error(error: ErrorInfo, built: BuiltImage) -> str:
    """The user's own traceback, and what to do where we know it."""
    if error.type.startswith(_SHIM_ERRORS):
        return error.message
    summary = f"{error.type}: {error.message}" if error.message else error.type
    hint = hint_for(error.type, error.message, built.dependency_source, built.adds, built.own_modules)
    parts = (f"loading {built.entry_point} failed: {summary}", error.traceback.rstrip(), hint)
    return "\n".join(part for part in parts if part)


def _silent(ended: ContainerState | None, timeout_s: float, words: Words) -> str:
    """Why there was no answer."""
    if ended is None:
        return f"no tasks after {timeout_s:g} s: {words.silent}"
    if ended.oom_killed or ended.exit_code == EXIT_HEAP_FULL:
        memory = format_bytes(_PLAN.memory_bytes)
        return f"importing the code used all {memory} of plan {_PLAN.name}: load large data inside a task"
    reason = f"exit code {ended.exit_code}" + (f", {ended.error}" if ended.error else "")
    return f"the code ended ({reason}) before any task was registered: {words.how}"


def _tail(printed: list[str]) -> str:
    if not printed:
        return "; it printed nothing"
    return "\nthe last lines it printed:\n" + "\n".join(f"  {line}" for line in printed[-_LINES_SHOWN:])
