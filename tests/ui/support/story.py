"""Runs that happened: written into a store with times of their own, so that pages show hours of work a moment later."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from orchestrator.core.container.forensics import Forensics, Measured
from orchestrator.core.logs import LogLine, Stream
from orchestrator.core.plans import PLANS
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import FailedChild, Failure, FailureClass, Run, Status
from orchestrator.core.runs.submission import chained_run, root_run
from orchestrator.core.tasks import check
from orchestrator.core.workflow import Source, Version
from orchestrator.store import ids, keys
from orchestrator.store.logs import LogStore
from orchestrator.store.runs.store import RunStore
from orchestrator.store.workflows.store import WorkflowStore

IMAGE: Final = "sha256:5f0c6b3f2b1d4b6e8f7a9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f"
_FAR_MS: Final = 1 << 50

Children = Callable[["Story", Run, int], Awaitable[int]]
"""Runs the children of the attempt that began at this time; the time when the last has ended."""
Line = str | tuple[Stream, str]


@dataclass(frozen=True)
class Try:
    """One attempt: what it waited and took, what it printed, and how it ended; it ended well where it has no failure."""

    ms: int = 400
    queued_ms: int = 40
    start_ms: int = 260
    failure: Failure | None = None
    lines: Sequence[Line] = ()
    is_warm: bool = False
    memory_share: float = 0.2
    cpu_share: float = 0.4
    throttled_share: float = 0.0
    exit_code: int | None = 0


def raised(kind: str, message: str, *frames: str, retryable: bool = True) -> Failure:
    """An exception of the task's code; `frames` are lines of its traceback."""
    head = "Traceback (most recent call last):\n" if frames else ""
    traceback = head + "".join(f"  {frame}\n" for frame in frames) + f"{kind}: {message}"
    return Failure(FailureClass.ERROR, message, kind, traceback, retryable)


@dataclass
class Story:
    """Writes runs of one version."""

    runs: RunStore
    logs: LogStore
    version: Version
    failed: FailedChild | None = None
    """The run that an error of its parent is about."""

    async def run(
        self,
        task: str,
        arguments: object,
        at_ms: int,
        tries: Sequence[Try] = (Try(),),
        *,
        result: object = None,
        children: Children | None = None,
        parent: Run | None = None,
        call: int = 0,
        ends: bool = True,
    ) -> tuple[Run, int]:
        """A run asked for at this time, and when it had ended; one that does not end is left in its last attempt."""
        run = await self._asked(task, arguments, at_ms, parent, call)
        now_ms = at_ms
        for number, one in enumerate(tries):
            started_ms = now_ms + one.queued_ms + one.start_ms
            run = await self._started(run, one, now_ms)
            ended_ms = started_ms + one.ms
            if children is not None:
                ended_ms = max(ended_ms, await children(self, run, started_ms))
            is_last = number == len(tries) - 1
            await self._print(run, number, started_ms, ended_ms, one.lines, ended=ends or not is_last)
            if is_last and not ends:
                return run, ended_ms
            run = await self._ended(run, one, started_ms, ended_ms, result)
            now_ms = ended_ms
            if run.status is Status.BACKOFF:
                now_ms = run.due_at_ms
                run = await self._change(run, ev.BackoffElapsed(), now_ms)
        return run, now_ms

    async def _asked(self, task: str, arguments: object, at_ms: int, parent: Run | None, call: int) -> Run:
        spec = self.version.task(task)
        assert spec is not None, task
        run_id = ids.new_id(ids.RUN, at_ms)
        if parent is None:
            run = root_run(run_id, self.version, spec, now_ms=at_ms)
        else:
            run = chained_run(run_id, parent, call, spec, now_ms=at_ms)
        await self.runs.create(run, json.dumps(arguments), parent_fence=parent.fence if parent else 0)
        return run

    async def _started(self, run: Run, one: Try, queued_ms: int) -> Run:
        claimed_ms = queued_ms + one.queued_ms
        run = await self._change(run, ev.Claimed(_FAR_MS, "seeded"), claimed_ms)
        return await self._change(run, ev.ShimReady(_begun(one, claimed_ms)), claimed_ms + one.start_ms)

    async def _ended(self, run: Run, one: Try, started_ms: int, ended_ms: int, result: object) -> Run:
        found = _seen(run, one, started_ms, ended_ms)
        if one.failure is None:
            return await self._change(run, ev.ResultReported(found), ended_ms, json.dumps(result))
        if one.failure.cls is FailureClass.ERROR:
            blamed = self.failed if one.failure.type == "TaskRunError" else None
            self.failed = FailedChild(run.id, run.task, one.failure.type)
            return await self._change(run, ev.ErrorReported(replace(one.failure, child=blamed), found), ended_ms)
        return await self._change(run, ev.ContainerExited(one.failure, one.exit_code, found), ended_ms)

    async def _change(self, run: Run, event: ev.Event, at_ms: int, result_json: str | None = None) -> Run:
        decision = await self.runs.change(run.id, event, now_ms=at_ms, result_json=result_json, known=run)
        assert decision is not None
        return decision.run

    async def _print(
        self, run: Run, attempt: int, from_ms: int, until_ms: int, lines: Sequence[Line], *, ended: bool
    ) -> None:
        writer = self.logs.writer(keys.run_logs(run.id, attempt))
        step_ns = (until_ms - from_ms) * 1_000_000 // (len(lines) + 1)
        printed = [("stdout", line) if isinstance(line, str) else line for line in lines]
        await writer.append(
            [
                LogLine(from_ms * 1_000_000 + index * step_ns, stream, text)  # type: ignore[arg-type]
                for index, (stream, text) in enumerate(printed, 1)
            ]
        )
        if ended:
            await writer.end()


def _begun(one: Try, claimed_ms: int) -> Forensics:
    created_ms = claimed_ms - 9_000 if one.is_warm else claimed_ms + one.start_ms // 6
    container_ms = created_ms + one.start_ms // 4
    ready_ms = container_ms + 400 if one.is_warm else claimed_ms + one.start_ms
    return Forensics(
        image=IMAGE, created_at_ms=created_ms, container_started_at_ms=container_ms, ready_at_ms=ready_ms,
        load_ms=int(one.start_ms * 0.4), is_warm=one.is_warm,
    )  # fmt: skip


def _seen(run: Run, one: Try, started_ms: int, ended_ms: int) -> Forensics:
    begun, ms = _begun(one, started_ms - one.start_ms), ended_ms - started_ms
    limit_bytes = PLANS[run.plan].memory_bytes
    measured = Measured(
        int(limit_bytes * one.memory_share),
        int(ms * one.cpu_share),
        int(ms * one.throttled_share),
        int(one.failure is not None and one.failure.cls is FailureClass.OOM),
    )
    return Forensics(
        image=begun.image, memory_limit_bytes=limit_bytes, created_at_ms=begun.created_at_ms,
        container_started_at_ms=begun.container_started_at_ms, ready_at_ms=begun.ready_at_ms,
        first_line_at_ms=started_ms + 2, load_ms=begun.load_ms, measured=measured, is_warm=one.is_warm,
    )  # fmt: skip


async def released(
    workflows: WorkflowStore, slug: str, source: Source, definitions: list[object], at_ms: int, image: str = IMAGE
) -> Version:
    """A version of the workflow that serves."""
    _, version = await workflows.deploy(slug, source, "main.py", {}, b"", now_ms=at_ms)
    built = Version(
        **{name: getattr(version, name) for name in ("id", "workflow_id", "number", "status", "env", "created_at_ms")},
        image=image,
        entry_point="main.py",
        tasks=(),
        source=source,
    )
    await workflows.builds.done(version.id)
    return await workflows.release(built, check(definitions), now_ms=at_ms)
