"""The verdict on a container that ended without an outcome: whose fault was it, and what can a person do?

The evidence behind each rule: exit 137 means only "SIGKILL by somebody"; Docker invents 255 when it lost the real status; the OOM
flag means that *some* process of the container was killed for memory, so it counts only beside a non-zero exit.
"""

from __future__ import annotations

import signal
from typing import Final

from orchestrator.core.container import ContainerState
from orchestrator.core.plans import PLANS, format_bytes, next_larger
from orchestrator.core.run import Failure, FailureClass
from orchestrator_runtime import wire

_LOST_STATUS: Final = 255
_SIGNAL_BASE: Final = 128


def verdict(state: ContainerState | None, plan: str, *, engine_restarted: bool = False) -> Failure:
    """Why the attempt failed; `state` is None when the container is gone without our doing.

    `engine_restarted` says that the engine was restarted while the container lived.
    """
    if state is None:
        return _infra("its container disappeared: something outside the orchestrator removed it")
    if state.started_at_ms is None:
        return _infra(f"its container did not start: {state.error or 'the engine gave no reason'}")
    code = state.exit_code or 0
    if code and state.oom_killed:
        return _oom(plan)
    if code == wire.EXIT_CHANNEL_LOST:
        return _infra("its container lost the channel to the orchestrator")
    if engine_restarted and code in (_LOST_STATUS, _SIGNAL_BASE + signal.SIGKILL, _SIGNAL_BASE + signal.SIGTERM):
        return _infra("the container engine was restarted under it")
    return _exit(code)


def _infra(reason: str) -> Failure:
    return Failure(FailureClass.INFRA, f"the attempt was lost: {reason}; this is not charged to the task's retries")


def _oom(plan: str) -> Failure:
    memory = format_bytes(PLANS[plan].memory_bytes)
    larger = next_larger(plan)
    advice = f"; use less, or plan={larger.name!r} with {format_bytes(larger.memory_bytes)}" if larger else "; use less"
    return Failure(FailureClass.OOM, f"out of memory: used {memory} of {plan}'s {memory}{advice}")


def _exit(code: int) -> Failure:
    if code > _SIGNAL_BASE:
        name = _signal_name(code - _SIGNAL_BASE)
        return Failure(
            FailureClass.EXIT, f"the process was killed by {name} before the task returned (exit code {code})"
        )
    return Failure(
        FailureClass.EXIT,
        f"the process ended with exit code {code} before the task returned: a task reports by returning or raising, "
        "not by sys.exit() or os._exit()",
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
