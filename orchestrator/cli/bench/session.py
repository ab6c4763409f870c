"""All of the measurement, phase after phase: what is compared is measured in turns, in one call."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from orchestrator.cli.bench.containers import Containers
from orchestrator.cli.bench.leaks import audit
from orchestrator.cli.bench.own import OwnOrchestrator, own_orchestrator
from orchestrator.cli.bench.plain_docker import DockerApi, docker_run, docker_run_many
from orchestrator.cli.bench.program import NODE_WORKFLOW, WORKFLOW
from orchestrator.cli.bench.samples import Report, Series, Unit
from orchestrator.cli.bench.submitting import NO_ROOM, accepted_per_s
from orchestrator.cli.bench.turns import Sample, TimeLimit, elapsed_s, in_turns
from orchestrator.cli.errors import CliError
from orchestrator.host import processes
from orchestrator.redis.client import connect
from orchestrator.redis.server import own_servers

DOCKER_RUN: Final = "docker run --rm"
COLD: Final = "ours, cold"
WARM: Final = "ours, warm"
NODE_COLD: Final = "ours in Node, cold"
NODE_WARM: Final = "ours in Node, warm"
NODE: Final[Mapping[str, str]] = {NODE_COLD: COLD, NODE_WARM: WARM}
"""Compared with Python's."""
API_BRIDGE: Final = "Docker API, bridge"
API_SAME: Final = "Docker API, like ours"
_CHAINED: Final = (2, 0.4)
"""Calls of one parent, and the seconds before each: enough for a container that was taken to be replaced."""
_MIB: Final = 1024 * 1024
_REMOVAL_S: Final = 15.0
"""What is still there so long after its run is a leak."""

Show = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured, and for how many seconds.

    `samples` are of what takes one container, after rounds that warm up; `repeats` of what takes many.
    """

    samples: int = 40
    warm_ups: int = 1
    repeats: int = 3
    bursts: tuple[int, ...] = (20, 50)
    width: int = 100
    sustained: int = 60
    submitted: int = 4_000
    idle_s: float = 15.0
    limit_s: float = 1_200.0


QUICK: Final = Plan(samples=10, repeats=1, sustained=30, submitted=1_000, idle_s=5.0, limit_s=300.0)


def measure(plan: Plan, docker_command: str, show: Show) -> Report:
    """Start two orchestrators, a cold and a warm one, measure, and take them down. Raises CliError."""
    began_s, load = time.monotonic(), os.getloadavg()[0]
    limit = TimeLimit(began_s + plan.limit_s)
    leaks: Counter[str] = Counter()
    with ExitStack() as stack:
        show("starting orchestrators")
        cold = stack.enter_context(own_orchestrator(warm="off"))
        warm = stack.enter_context(own_orchestrator(warm="imported"))
        api = stack.enter_context(DockerApi(cold.image).opened())
        containers = stack.enter_context(closing(Containers((cold.instance, warm.instance))))
        without_node = _deploy_for_node(cold, warm)
        session = _Session(plan, limit, show, docker_command, cold, warm, api, containers, not without_node)
        series = tuple(session.series())
        show("looking for what stayed behind")
        leaks.update(session.leaks())
    instances = [cold.instance, warm.instance, api.instance]
    if not limit.is_over:
        show("how many runs are accepted")
        with own_orchestrator(**NO_ROOM) as own:
            instances.append(own.instance)
            rates = tuple(accepted_per_s(own, plan.submitted) for _ in range(plan.repeats))
        series += (Series("submit", "/s", rates),)
    with closing(Containers(instances)) as left:
        leaks.update(left.left())
    notes = _notes(plan, load, time.monotonic() - began_s)
    return Report(series, notes | ({"without Node": without_node} if without_node else {}), dict(leaks))


def _deploy_for_node(*orchestrators: OwnOrchestrator) -> str:
    """Why Node is not measured: a host may have no way to get it. Empty where it is."""
    try:
        for own in orchestrators:
            own.deploy_node()
    except CliError as problem:
        return str(problem)
    return ""


def _notes(plan: Plan, load: float, took_s: float) -> dict[str, str]:
    return {
        "CPUs": str(os.cpu_count()),
        "load at the begin": f"{load:.1f}",
        "took": f"{took_s:.0f} s" + (" (cut short)" if took_s > plan.limit_s else ""),
    }


@dataclass(slots=True)
class _Session:
    plan: Plan
    limit: TimeLimit
    show: Show
    docker: str
    cold: OwnOrchestrator
    warm: OwnOrchestrator
    api: DockerApi
    containers: Containers
    has_node: bool = False
    _cpu: dict[str, list[float]] = field(default_factory=dict)
    """Of the orchestrator for each run, by system, in ms."""

    def series(self) -> Iterator[Series]:
        yield from self._single()
        for count in self.plan.bursts:
            yield from self._at_once(count)
        yield from self._idle()
        yield from self._sustained()
        yield from self._fan_out()

    def leaks(self) -> Mapping[str, int]:
        """What the two orchestrators keep for runs that are over, once what is being removed had its time."""
        ends_at_s = time.monotonic() + _REMOVAL_S
        while True:
            self.containers.settle()
            found: Counter[str] = Counter()
            for own in (self.cold, self.warm):
                found.update(asyncio.run(self._audit(own)))
            if not found.total() or time.monotonic() > ends_at_s:
                return found

    async def _audit(self, own: OwnOrchestrator) -> dict[str, int]:
        server, _ = own_servers(own.data_dir.path, own.data_dir.secret())
        async with connect(server.url) as store:
            return await audit(store, own.data_dir.lines, partial(self.containers.channel_ids, own.instance))

    def _single(self) -> Iterator[Series]:
        """One container at a time."""
        systems: dict[str, Sample] = {
            DOCKER_RUN: _timed(lambda: docker_run(self.docker, self.api.image)),
            API_BRIDGE: _timed(self.api.bridge),
            API_SAME: _timed(self.api.same),
            COLD: _timed(lambda: self.cold.run("noop")),
            WARM: _timed(lambda: self.warm.run("noop")),
            "chained call, cold": lambda: self.cold.run("calls", *_CHAINED),
            "chained call, warm": lambda: self.warm.run("calls", *_CHAINED),
        }
        if self.has_node:
            systems[NODE_COLD] = _timed(lambda: self.cold.run("noop", workflow=NODE_WORKFLOW))
            systems[NODE_WARM] = _timed(lambda: self.warm.run("noop", workflow=NODE_WORKFLOW))
        taken = self._in_turns("one at a time", systems, self.plan.samples, warm_ups=self.plan.warm_ups)
        yield from _series(taken, "ms", beside=DOCKER_RUN)

    def _at_once(self, count: int) -> Iterator[Series]:
        """A burst, from the first submit to the last result."""
        beside = f"{count} at once, {DOCKER_RUN}"
        systems: dict[str, Sample] = {
            beside: lambda: [elapsed_s(lambda: docker_run_many(self.docker, self.api.image, count))],
            f"{count} at once, {COLD}": lambda: [elapsed_s(lambda: self.cold.run_many(count))],
            f"{count} at once, {WARM}": lambda: [elapsed_s(lambda: self.warm.run_many(count))],
        }
        yield from _series(self._in_turns(f"{count} at once", systems, self.plan.repeats), "s", beside=beside)

    def _sustained(self) -> Iterator[Series]:
        """No-op runs that are all there from the beginning, in runs a second."""
        count = self.plan.sustained
        systems: dict[str, Sample] = {
            f"sustained, {API_BRIDGE}": lambda: [count / elapsed_s(lambda: self.api.many(self.api.bridge, count))],
            f"sustained, {API_SAME}": lambda: [count / elapsed_s(lambda: self.api.many(self.api.same, count))],
            f"sustained, {COLD}": lambda: [self._rate(COLD, self.cold)],
            f"sustained, {WARM}": lambda: [self._rate(WARM, self.warm)],
        }
        taken = self._in_turns("sustained", systems, self.plan.repeats)
        yield from _series(taken, "/s", beside=f"sustained, {API_BRIDGE}")
        for name, values in self._cpu.items():
            yield Series(f"orchestrator CPU of a run, {name}", "ms", tuple(values))

    def _rate(self, name: str, own: OwnOrchestrator) -> float:
        count, before_s = self.plan.sustained, processes.cpu_s(own.pid)
        taken_s = elapsed_s(lambda: own.run_many(count))
        self._cpu.setdefault(name, []).append((processes.cpu_s(own.pid) - before_s) / count * 1000)
        return count / taken_s

    def _fan_out(self) -> Iterator[Series]:
        """Chained calls at once, the parent included, in calls a second."""
        width = self.plan.width

        def fan_out(own: OwnOrchestrator, workflow: str) -> Sample:
            return lambda: [width / elapsed_s(lambda: own.run("fan_out", width, workflow=workflow))]

        kinds = [(COLD, self.cold, WORKFLOW), (WARM, self.warm, WORKFLOW)]
        if self.has_node:
            kinds += [(NODE_COLD, self.cold, NODE_WORKFLOW), (NODE_WARM, self.warm, NODE_WORKFLOW)]
        names = {name: f"fan-out of {width}, {name}" for name, _, _ in kinds}
        systems = {names[name]: fan_out(own, workflow) for name, own, workflow in kinds}
        others = {names[node]: names[python] for node, python in NODE.items() if node in names}
        yield from _series(self._in_turns("fan-out", systems, max(1, self.plan.repeats - 1)), "/s", others=others)

    def _idle(self) -> Iterator[Series]:
        """The warm one with nothing to do, and what its waiting containers hold."""
        if self.limit.is_over:
            return
        self.show("idle")
        self.containers.settle()
        waiting = self.containers.waiting(self.warm.instance)
        before_s, began_s = processes.cpu_s(self.warm.pid), time.monotonic()
        time.sleep(self.plan.idle_s)
        used_s, elapsed = processes.cpu_s(self.warm.pid) - before_s, time.monotonic() - began_s
        with_pool = f"with {len(waiting)} containers waiting"
        yield Series(f"idle, CPU {with_pool}", "%", (100 * used_s / elapsed,))
        yield Series(f"idle, memory {with_pool}", "MiB", (processes.resident_bytes(self.warm.pid) / _MIB,))
        held = asyncio.run(_held(self.warm.instance, waiting))
        if held:
            yield Series("a waiting container, memory", "MiB", held)

    def _in_turns(self, title: str, systems: Mapping[str, Sample], rounds: int, **options: Any) -> Any:
        return in_turns(
            systems,
            rounds,
            self.limit,
            settle=self.containers.settle,
            show=lambda line: self.show(f"{title}, {line}"),
            **options,
        )


async def _held(instance: str, container_ids: list[str]) -> tuple[float, ...]:
    """What each container really uses, in MiB."""
    from orchestrator.engine.docker.engine import DockerEngine

    engine = DockerEngine(instance)
    used = [await engine.usage(container_id) for container_id in container_ids]
    await engine.close()
    return tuple(one.memory_bytes / _MIB for one in used if one.memory_bytes)


def _timed(action: Callable[[], object]) -> Sample:
    return lambda: [elapsed_s(action) * 1000]


def _series(
    taken: Mapping[str, tuple[float, ...]], unit: Unit, *, beside: str = "", others: Mapping[str, str] = NODE
) -> Iterator[Series]:
    for name, values in taken.items():
        yield Series(name, unit, values, others.get(name, beside if name != beside else ""))
