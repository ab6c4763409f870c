"""The chained runs of one attempt: created when asked for, answered when they end."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any, Final

from orchestrator.channel.frames import Text, json_of
from orchestrator.core.plans import format_bytes
from orchestrator.core.runs.run import FailedChild, Run, Status
from orchestrator.core.runs.submission import chained_run
from orchestrator.core.task_input.arguments import refusal, refusal_of_text
from orchestrator.core.tasks import TaskSpec
from orchestrator.host.apart import TooMuch, computed
from orchestrator.scheduler.attempt.outbox import Outbox
from orchestrator.scheduler.context import Context
from orchestrator.store import ids
from orchestrator.store.runs.store import MAX_DEPTH, Disposition, RunNotFound
from orchestrator_runtime import wire

REPEATS_LIMIT: Final = 100
"""How often one chained run may be asked for: a shim does so again when its connection was lost."""


def share_is_full(limit_bytes: int | None) -> str:
    """For people, as the beginning of a sentence."""
    return (
        f"the inputs, results and logs of this tree of runs reach the {format_bytes(limit_bytes or 0)} "
        "that one may hold of the store (pass references to large data)"
    )


class Insistent(Exception):  # noqa: N818
    """The container asks for the same again and again; the message is a part of a sentence."""


async def _refusal(task: TaskSpec, given: Any, input_json: str) -> str | None:
    """What is wrong with the input, told by another process where it would take long."""
    if not isinstance(given, Text):
        return refusal(task, given, input_json)
    try:
        return await computed(refusal_of_text, task, input_json, queue="frames", timeout_s=None)
    except TooMuch as error:
        return f"the input of '{task.name}' cannot be checked: {error}"


class ChildDesk:
    """Speaks with the shim about its children, through the attempt's outbox where an answer may be large."""

    def __init__(self, context: Context, parent: Run, channel_id: str, outbox: Outbox) -> None:
        self._context = context
        self._parent = parent
        self._channel_id = channel_id
        self._outbox = outbox
        self._calls: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        self._answered: set[int] = set()
        self._asked: Counter[int] = Counter()

    @property
    def has_unanswered(self) -> bool:
        """Whether there is anything to wait for."""
        return len(self._answered) < len(self._calls)

    async def create(self, asked: wire.Child) -> None:
        """Create the run the shim asks for, once; answer at once when there can be none, or when it has ended already.

        Raises Insistent.
        """
        self._asked[asked.call] += 1
        if self._asked[asked.call] > REPEATS_LIMIT:
            raise Insistent(f"it asked for its chained run {asked.call} more than {REPEATS_LIMIT} times")
        if child_id := self._ids.get(asked.call):
            await self._take_again(asked, child_id)
            return
        version = await self._context.workflows.version(self._parent.version_id)
        task = version.task(asked.task)
        input_json = json_of(asked.input)
        if task is None:
            await self._refuse(asked.call, wire.REFUSED_TASK, f"this workflow has no task '{asked.task}'")
        elif len(input_json.encode()) > wire.INPUT_LIMIT_BYTES:
            message = f"the input of '{asked.task}' is over the limit of {wire.INPUT_LIMIT_BYTES} bytes"
            await self._refuse(asked.call, wire.REFUSED_INPUT, message)
        elif wrong := await _refusal(task, asked.input, input_json):
            await self._refuse(asked.call, wire.REFUSED_ARGUMENTS, wrong)
        elif self._parent.depth >= MAX_DEPTH:
            message = f"runs are chained more than {MAX_DEPTH} deep; is '{asked.task}' calling itself?"
            await self._refuse(asked.call, wire.REFUSED_DEPTH, message)
        else:
            await self._create(asked, task, input_json)

    async def _create(self, asked: wire.Child, task: TaskSpec, input_json: str) -> None:
        now_ms = self._context.now_ms()
        child = chained_run(
            ids.new_id(ids.RUN, now_ms),
            self._parent,
            asked.call,
            task,
            now_ms=now_ms,
            traceparent=self._context.traceparent_of(self._parent),
        )
        limit_bytes = self._context.limits.tree_bytes
        disposition, child_id = await self._context.runs.create(
            child, input_json, parent_fence=self._parent.fence, tree_limit_bytes=limit_bytes
        )
        if disposition is Disposition.REFUSED:
            await self._refuse(asked.call, wire.REFUSED_PARENT, "the parent is being stopped")
            return
        if disposition is Disposition.FULL:
            await self._refuse(
                asked.call, wire.REFUSED_SHARE, f"{share_is_full(limit_bytes)}: '{asked.task}' is not run"
            )
            return
        self._note(child_id, asked.call)
        if disposition is Disposition.EXISTS:
            await self._take_again(asked, child_id)
        else:
            await self._confirm(asked, child_id)

    def _note(self, child_id: str, call: int) -> None:
        self._calls[child_id] = call
        self._ids[call] = child_id

    async def _take_again(self, asked: wire.Child, child_id: str) -> None:
        """It was told before, and may not have heard."""
        await self._confirm(asked, child_id)
        self._answered.discard(asked.call)
        self.answer(child_id)

    async def _confirm(self, asked: wire.Child, child_id: str) -> None:
        if asked.confirm:
            started = wire.ChildStarted(type="child_started", call=asked.call, child=child_id)
            await self._context.channel.send(self._channel_id, started)

    async def blamed(self, child_id: str) -> FailedChild | None:
        """What the attempt says it failed of, if it is a chained run of its own that did not complete."""
        if child_id not in self._calls:
            return None
        try:
            child = await self._context.runs.get(child_id)
        except RunNotFound:
            return None
        if not child.is_terminal or child.failure is None:
            return None
        return FailedChild(child.id, child.task, child.failure.type or child.failure.cls.value)

    async def answer_all(self) -> None:
        """Answer every child that has ended: news of it may have been missed, or it was started by an earlier orchestrator."""
        children = await self._context.runs.children(self._parent.id, self._parent.attempt)
        for call, child_id in children.items():
            self._note(child_id, call)
            self.answer(child_id)

    def answer(self, child_id: str) -> None:
        """Tell the shim how the child ended, if it has, and if it was not told; children of earlier attempts are not its."""
        call = self._calls.get(child_id)
        if call is not None and call not in self._answered:
            self._outbox.put(call, partial(self._answer, child_id, call))

    async def _answer(self, child_id: str, call: int) -> None:
        try:
            child, result_json = await self._context.runs.get_outcome(child_id)
        except RunNotFound:
            return
        if child.is_terminal:
            await self._tell(call, child, result_json)
            self._answered.add(call)

    async def _tell(self, call: int, child: Run, result_json: str | None) -> None:
        answer = wire.ChildDone(type="child_done", call=call, child=child.id)
        if child.status is Status.COMPLETED:
            await self._context.channel.send(self._channel_id, answer, value=result_json or "null")
            return
        failure = child.failure
        answer["error"] = {
            "status": "canceled" if child.status is Status.CANCELED else "failed",
            "type": failure.type or failure.cls if failure else "",
            "message": failure.message if failure else str(child.status),
        }
        await self._context.channel.send(self._channel_id, answer)

    async def _refuse(self, call: int, kind: str, message: str) -> None:
        error = wire.ChildError(status="refused", type=kind, message=message)
        done = wire.ChildDone(type="child_done", call=call, child="", error=error)
        await self._context.channel.send(self._channel_id, done)
