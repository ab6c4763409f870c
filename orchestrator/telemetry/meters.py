"""The metrics of one orchestrator in a registry of its own; docs/observability.md lists them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from orchestrator.core.container.forensics import Forensics
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Attempt, Run
from orchestrator.core.runs.steps import steps
from orchestrator.telemetry.labels import Bounded

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
TASKS_LIMIT: Final = 200
"""So many tasks are told apart, in the order in which they were first run."""
_STEP_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)
_CALL_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BUILD_BUCKETS_S: Final = (1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
_AFTER_ITS_END: Final = frozenset({"acknowledged", "removed"})
_ENDS: Final = (ev.ResultReported, ev.ErrorReported, ev.ContainerExited)

Families = Callable[[], Iterable[Metric]]
"""Metrics that are read when somebody asks for them."""


class Meters(Collector):
    """An observer of runs, and what else counts and measures."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._tasks = Bounded(TASKS_LIMIT)
        self._sources: list[Families] = []
        self._steps = Histogram(
            "orchestrator_run_step_seconds",
            "From what an attempt had come to before until this step; warm: in a container that was started ahead.",
            ["step", "warm"],
            buckets=_STEP_BUCKETS_S,
            registry=registry,
        )
        self._attempts = Counter(
            "orchestrator_attempts",
            "Attempts that ended; outcome is completed, or the class of the failure.",
            ["workflow", "task", "outcome"],
            registry=registry,
        )
        self._runs = Counter("orchestrator_runs_ended", "Runs that ended.", ["status"], registry=registry)
        self._cpu = Counter("orchestrator_run_cpu_seconds", "CPU time that attempts used.", registry=registry)
        self._calls = Histogram(
            "orchestrator_engine_call_seconds",
            "Calls to the container engine.",
            ["call", "outcome"],
            buckets=_CALL_BUCKETS_S,
            registry=registry,
        )
        self._followers = Gauge(
            "orchestrator_followers", "Clients that follow events or logs.", ["kind"], registry=registry
        )
        self._builds = Histogram(
            "orchestrator_build_seconds", "Builds.", ["outcome"], buckets=_BUILD_BUCKETS_S, registry=registry
        )
        self._building = Gauge("orchestrator_builds_in_progress", "Builds under way.", registry=registry)

    # --- what happens -----------------------------------------------------------------------------------------------

    def changed(self, event: ev.Event, run: Run) -> None:
        """Count the end of an attempt with its steps, and the end of a run."""
        if isinstance(event, _ENDS):
            self._attempt_ended(run, run.attempts[-1])
        if run.is_terminal:
            self._runs.labels(run.status).inc()

    def _attempt_ended(self, run: Run, attempt: Attempt) -> None:
        self._observe_steps(attempt, is_after=False)
        outcome = attempt.failure.cls if attempt.failure else attempt.status
        self._attempts.labels(*self._tasks.of(run.workflow_id, run.task), outcome).inc()
        self._cpu.inc((attempt.forensics.measured.cpu_ms or 0) / 1000)

    def left(self, run: Run, attempt: int, found: Forensics) -> None:
        """Count the steps after the attempt's end."""
        if attempt < len(run.attempts):
            self._observe_steps(replace(run.attempts[attempt], forensics=found), is_after=True)

    def _observe_steps(self, attempt: Attempt, *, is_after: bool) -> None:
        warm = "true" if attempt.forensics.is_warm else "false"
        for step in steps(attempt):
            if (step.name in _AFTER_ITS_END) is is_after:
                self._steps.labels(step.name, warm).observe((step.to_ms - step.from_ms) / 1000)

    def engine_called(self, call: str, seconds: float, *, is_ok: bool) -> None:
        """Count a call to the engine."""
        self._calls.labels(call, "ok" if is_ok else "error").observe(seconds)

    def following(self, kind: str) -> AbstractContextManager[None]:
        """Count one who follows `kind` while the context lasts."""
        return self._followers.labels(kind).track_inprogress()

    @contextmanager
    def building(self) -> Iterator[None]:
        """Time a build, and count whether it was ready, failed or was interrupted."""
        began_s, outcome = time.monotonic(), "interrupted"
        with self._building.track_inprogress():
            try:
                yield
                outcome = "ready"
            except Exception:
                outcome = "failed"
                raise
            finally:
                self._builds.labels(outcome).observe(time.monotonic() - began_s)

    # --- what there is ----------------------------------------------------------------------------------------------

    def read(self, source: Families) -> None:
        """Also show what the source gives, each time somebody asks."""
        self._sources.append(source)

    def collect(self) -> Iterator[Metric]:
        """Everything."""
        yield from self._registry.collect()
        for source in self._sources:
            yield from source()

    def exposition(self, *more: Metric) -> bytes:
        """Everything, and `more`, as text for Prometheus."""
        return generate_latest(_Shown([*self.collect(), *more]))


class _Shown(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics
