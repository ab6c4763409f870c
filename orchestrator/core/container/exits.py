"""The verdict on a container that ended without an outcome: whose fault was it, and what can a person do?

The evidence behind each rule: exit 137 means only "SIGKILL by somebody"; Docker invents 255 when it lost the real status; the OOM
flag means that *some* process of the container was killed for memory, so it counts only beside a non-zero exit.
"""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import Final

from orchestrator.core.container.forensics import Forensics
from orchestrator.core.container.spec import ContainerState, heap_bytes
from orchestrator.core.plans import PLANS, format_bytes, next_larger
from orchestrator.core.runs.run import Failure, FailureClass
from orchestrator_runtime import wire

_LOST_STATUS: Final = 255
_SIGNAL_BASE: Final = 128
_RAN_SHORT: Final = (
    "all runs together needed more memory than this host gives them, while it was within its plan; "
    "it is tried again with the whole plan reserved"
)


def verdict(
    state: ContainerState | None,
    plan: str,
    *,
    died_waiting: bool = False,
    others_ran_short: bool = False,
    was_alone: bool = False,
) -> Failure:
    """Why the attempt failed; `state` is None when the container is gone without our doing.

    `others_ran_short`: all containers together met their limit of memory as it ended, below its own.
    `died_waiting`: it was started ahead, and ended before it was given the run, which so has no part in it.
    `was_alone`: for a part of its life there was no orchestrator; its own word on that counts for nothing.
    """
    if died_waiting:
        return _infra("the container that was started ahead for it ended before it was given the run")
    if state is None:
        return _infra("its container disappeared: something outside the orchestrator removed it")
    if state.cannot_run:
        return _cannot_run(state.error)
    if state.started_at_ms is None:
        return _infra(f"its container did not start: {state.error or 'the engine gave no reason'}")
    code = state.exit_code or 0
    if code and state.oom_killed:
        return _infra(_RAN_SHORT) if others_ran_short else _oom(plan)
    if code == wire.EXIT_HEAP_FULL:
        return _heap_full(plan)
    if code == wire.EXIT_CHANNEL_LOST and was_alone:
        return _infra("its container lost the channel to the orchestrator")
    if state.is_unwatched and code in (_LOST_STATUS, _SIGNAL_BASE + signal.SIGKILL, _SIGNAL_BASE + signal.SIGTERM):
        return _infra("the container engine was restarted, or out of sight, while it ran")
    return _exit(code)


def at_exit(found: Forensics, state: ContainerState | None, failure: Failure) -> Forensics:
    """What is known once the container has ended as `state`: a kill for memory happens at the limit."""
    if state is None:
        return found
    was_killed = failure.cls is FailureClass.OOM and state.oom_killed
    peak = found.memory_limit_bytes if was_killed else found.measured.peak_memory_bytes
    kills = found.measured.oom_kills or (1 if state.oom_killed else found.measured.oom_kills)
    return replace(
        found,
        image=state.image or found.image,
        measured=replace(found.measured, peak_memory_bytes=peak, oom_kills=kills),
    )


def signal_of(exit_code: int | None) -> str | None:
    """The signal that an exit code stands for, by the convention of shells and Docker."""
    if exit_code is None or not _SIGNAL_BASE < exit_code < _LOST_STATUS:
        return None
    return _signal_name(exit_code - _SIGNAL_BASE)


def _infra(reason: str) -> Failure:
    return Failure(FailureClass.INFRA, f"the attempt was lost: {reason}; this is not charged to the task's retries")


def _cannot_run(error: str) -> Failure:
    return Failure(
        FailureClass.EXIT,
        f"the image's command cannot be run: {error}; see what the Dockerfile does to the Python in it, and deploy again",
        retryable=False,
    )


def _oom(plan: str) -> Failure:
    memory = format_bytes(PLANS[plan].memory_bytes)
    return Failure(FailureClass.OOM, f"out of memory: used {memory} of {plan}'s {memory}{_less_or_larger(plan)}")


def _heap_full(plan: str) -> Failure:
    memory, heap = format_bytes(PLANS[plan].memory_bytes), format_bytes(heap_bytes(PLANS[plan]))
    reason = f"JavaScript's heap was full; of {plan}'s {memory} it may take {heap}, or what NODE_OPTIONS says"
    return Failure(FailureClass.OOM, f"out of memory: {reason}{_less_or_larger(plan)}")


def _less_or_larger(plan: str) -> str:
    larger = next_larger(plan)
    return f"; use less, or plan={larger.name!r} with {format_bytes(larger.memory_bytes)}" if larger else "; use less"


def _exit(code: int) -> Failure:
    if code > _SIGNAL_BASE:
        name = _signal_name(code - _SIGNAL_BASE)
        return Failure(
            FailureClass.EXIT, f"the process was killed by {name} before the task returned (exit code {code})"
        )
    return Failure(
        FailureClass.EXIT,
        f"the process ended with exit code {code} before the task returned: a task reports by returning or by raising an "
        "error, not by ending its process",
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
