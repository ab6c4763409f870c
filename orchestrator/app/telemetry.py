"""Metrics and traces of this process, made and handed to the parts that feed them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import Metric

from orchestrator.core.runs.observer import Observer
from orchestrator.core.runs.run import Run
from orchestrator.core.runs.trace import passed_on
from orchestrator.core.scheduling.situation import Situation
from orchestrator.engine.base import Engine
from orchestrator.engine.timed import timed
from orchestrator.scheduler.dispatcher import Dispatcher
from orchestrator.scheduler.reading import read, situation
from orchestrator.telemetry.loop_watch import LoopWatch
from orchestrator.telemetry.meters import Meters
from orchestrator.telemetry.observers import Observers
from orchestrator.telemetry.tracing import is_wanted, tracing

_SCHEDULING: Final = "scheduling"


@dataclass(slots=True)
class Telemetry:
    """`observer` is told of runs; `traceparent_of` is what a run's user code, and its children, are given."""

    meters: Meters
    observer: Observer
    traceparent_of: Callable[[Run], str | None]
    dispatcher: Dispatcher | None = None
    """The one of this process' newest term."""

    def timed(self, engine: Engine) -> Engine:
        """The engine, with its calls timed."""
        return timed(engine, self.meters.engine_called)

    def situation(self, conditions: Mapping[str, str]) -> Situation | None:
        """How scheduling stands; None while another orchestrator does it."""
        return situation(self.dispatcher) if self.dispatcher and conditions.get("scheduler") == _SCHEDULING else None

    def follow(self, dispatcher: Dispatcher) -> Dispatcher:
        """Show its numbers from now on."""
        self.dispatcher = dispatcher
        return dispatcher


@contextmanager
def telemetry(environment: Mapping[str, str], conditions: Mapping[str, str]) -> Iterator[Telemetry]:
    """Telemetry of the running loop. Raises MissingPackage when traces are asked for, and cannot be sent."""
    meters, watch = Meters(), LoopWatch()
    with ExitStack() as stack:
        traces = stack.enter_context(tracing(environment)) if is_wanted(environment) else None
        stack.enter_context(watch.watching(asyncio.get_running_loop()))
        observers = Observers(meters, traces) if traces else Observers(meters)
        made = Telemetry(meters, observers, traces.traceparent_of if traces else passed_on)

        def scheduling() -> Iterable[Metric]:
            if made.dispatcher is not None and conditions.get("scheduler") == _SCHEDULING:
                yield from read(made.dispatcher).families()

        meters.read(watch.families)
        meters.read(scheduling)
        yield made
