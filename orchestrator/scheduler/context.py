"""What every part of the scheduler works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from orchestrator.channel.channel import Channel
from orchestrator.core.container.spec import ContainerDefaults
from orchestrator.core.runs.run import Run
from orchestrator.core.runs.trace import passed_on
from orchestrator.engine.base import Engine
from orchestrator.scheduler.task_usage import TaskUsage
from orchestrator.store.logs import LogStore
from orchestrator.store.runs.feed import Feed
from orchestrator.store.runs.store import RunStore
from orchestrator.store.workflows.store import WorkflowStore


@dataclass(frozen=True, slots=True)
class Limits:
    """How long we wait for what, and how much there may be."""

    start_timeout_s: float = 120.0
    """From the claim until the user's code is loaded."""
    grace_s: float = 5.0
    """Between SIGTERM and SIGKILL."""
    exit_timeout_s: float = 5.0
    """From an acknowledged outcome until the container must be gone; the shim ends it after two of its graces at the latest.

    A retry waits for it, and what the container holds is not free before."""
    kill_interval_s: float = 5.0
    """Between two SIGKILLs to a container whose end was not seen."""
    sweep_s: float = 5.0
    tree_bytes: int | None = None
    """What inputs, results, errors and logs of one tree of runs may hold of the store; None is no limit."""


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the channel and the engine of one instance; `now_ms` is the wall clock."""

    instance: str
    runs: RunStore
    workflows: WorkflowStore
    logs: LogStore
    feed: Feed
    channel: Channel
    engine: Engine
    containers: ContainerDefaults
    limits: Limits
    now_ms: Callable[[], int]
    usage: TaskUsage = field(default_factory=TaskUsage)
    traceparent_of: Callable[[Run], str | None] = passed_on
    """What the user code of a run's attempt, and the runs it asks for, are told of their trace."""
    check_lease: Callable[[], None] = lambda: None
    """Called before anything that the store cannot refuse afterwards. Raises LeaseLost."""
