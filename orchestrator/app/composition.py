"""The composition root: the only place that makes store, channel, engine, scheduler, builder and API, and runs them together.

Everything lives in one TaskGroup: if a part dies, the process ends, loudly, and the next `up` carries on from the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from orchestrator.api.admission import Admission
from orchestrator.api.deps import Services
from orchestrator.api.logs.tail import Tail
from orchestrator.app import reservations
from orchestrator.app.admission import AdmissionWatch
from orchestrator.app.containers import channel_of, container_defaults, fenced_network
from orchestrator.app.data_dir import DataDir, InUse
from orchestrator.app.env_key import env_cipher
from orchestrator.app.redis_servers import Servers, start_servers
from orchestrator.app.serving.listening import PortUnusable, listen
from orchestrator.app.serving.server import http_server
from orchestrator.app.settings import Settings
from orchestrator.app.telemetry import Telemetry, telemetry
from orchestrator.builder.deploys import Deploys
from orchestrator.builder.image.builder import ImageBuilder
from orchestrator.builder.image_retention import ImageRetention
from orchestrator.builder.pipeline import Pipeline
from orchestrator.builder.register.registrar import Registrar
from orchestrator.builder.sources import Sources
from orchestrator.channel import shared
from orchestrator.channel.channel import Channel
from orchestrator.core.container.spec import ContainerDefaults
from orchestrator.core.retention import RetentionPolicy
from orchestrator.core.scheduling.capacity import Amount, Reservation
from orchestrator.core.scheduling.pool import NO_POOL, PoolLimits
from orchestrator.engine.base import Engine, EngineError, EngineInfo
from orchestrator.engine.docker.engine import DockerEngine
from orchestrator.host.clock import SteadyClock
from orchestrator.host.disks import disk_bytes
from orchestrator.redis.preflight import check_apart, check_channel, check_store
from orchestrator.redis.server import RedisServerError
from orchestrator.scheduler.context import Context, Limits
from orchestrator.scheduler.dispatcher import Dispatcher, DispatchPolicy
from orchestrator.scheduler.leader import Job, LeaderElection
from orchestrator.scheduler.operations import OperationRunner
from orchestrator.scheduler.retention import Retention
from orchestrator.scheduler.task_usage import TaskUsage
from orchestrator.store.api_keys import ApiKeys
from orchestrator.store.connection import UNAVAILABLE, Client, connect, connect_binary
from orchestrator.store.control.operations import Operations
from orchestrator.store.control.pauses import Pauses
from orchestrator.store.env_cipher import EnvCipher, WrongKey
from orchestrator.store.identity import InstanceIdentity, identify
from orchestrator.store.lease import Lease
from orchestrator.store.logs import LogStore
from orchestrator.store.overview import Overview
from orchestrator.store.removal import Removal
from orchestrator.store.runs.feed import Feed
from orchestrator.store.runs.listing import RunListing
from orchestrator.store.runs.metrics import Metrics
from orchestrator.store.runs.reindex import index_what_is_old
from orchestrator.store.runs.store import RunStore
from orchestrator.store.runs.trees import Trees
from orchestrator.store.sessions import Sessions
from orchestrator.store.task_usage import TaskUsageStore
from orchestrator.store.workflows.store import WorkflowStore
from orchestrator.telemetry.tracing import MissingPackage

log = logging.getLogger(__name__)

_STOP_S = 12
"""For answers under way, and for containers that wait for no run to be removed."""
_FIRST_ANSWER_S = 15.0


class StartError(RuntimeError):
    """The orchestrator cannot run here as asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Running:
    """An instance that serves."""

    url: str
    api_key: str | None
    context: Context
    capacity: Amount
    reservation: Reservation
    engine_info: EngineInfo


async def serve(settings: Settings, on_ready: Callable[[Running], None]) -> None:
    """Run until SIGINT or SIGTERM; containers are left to the next start. Raises StartError."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with running(settings) as instance:
        on_ready(instance)
        await stopped.wait()


@contextlib.asynccontextmanager
async def running(settings: Settings, engine: Engine | None = None) -> AsyncIterator[Running]:
    """An instance that serves inside the block; `engine` by default is Docker. Raises StartError."""
    data_dir = DataDir(settings.data_dir)
    conditions: dict[str, str] = {}
    async with contextlib.AsyncExitStack() as stack:
        with _explained(settings):
            shown = stack.enter_context(telemetry(os.environ, conditions))
            stack.enter_context(data_dir.locked())
            listener = stack.enter_context(contextlib.closing(listen(settings.host, settings.port)))
            servers = await start_servers(settings, data_dir, conditions, stack)
            clients = await _connected(servers, stack)
            identity = await _identity(settings, data_dir, clients)
            cipher = await env_cipher(data_dir, clients.store, forget=settings.forget_variables)
            engine = shown.timed(engine or _docker(settings, identity))
            stack.push_async_callback(_tidy, engine)
            if unfenced := await fenced_network(settings, engine):
                conditions["network rules"] = f"not kept: {unfenced}"
            info = await engine.info()
            reservation = await reservations.reservation(settings, engine, info)
        report_channel = partial(conditions.__setitem__, "channel")
        new_channel = partial(channel_of, servers, clients.channel, data_dir.lines, identity.secret, report_channel)
        clock = SteadyClock(not_before_ms=await Feed(clients.store).newest_ms())
        parts = engine, new_channel(), container_defaults(settings, engine, info, servers, data_dir.lines)
        context = _context(settings, identity, parts, clients, cipher, clock, shown)
        share_bytes = await reservations.tree_bytes(settings, clients.store)
        context = replace(context, limits=replace(context.limits, tree_bytes=share_bytes))
        instance = Running(
            url=f"http://{_reachable(settings.host)}:{listener.getsockname()[1]}",
            api_key=None if settings.no_auth else data_dir.api_key(),
            context=context,
            capacity=reservations.capacity(settings, info),
            reservation=reservation,
            engine_info=info,
        )
        lease = Lease(clients.store, f"{socket.gethostname()}:{data_dir.path}", lease_s=settings.lease_s)
        term = partial(_term, context, lease, clients, new_channel, shown)
        report = partial(conditions.__setitem__, "scheduler")
        watch = AdmissionWatch(clients.store, data_dir.path, info.disk, settings.disk_reserve_bytes)
        jobs = partial(_jobs, settings, clients.store, lease, watch.admission, shown)
        dispatcher = partial(_dispatcher, settings, instance, shown, partial(conditions.__setitem__, "starts"))
        election = LeaderElection(lease, term, dispatcher, jobs, report)
        services = _services(settings, instance, clients, cipher, (watch.admission, shown, conditions))
        await stack.enter_async_context(_parts(election, services, servers, watch, listener))
        stack.enter_context(data_dir.announced(instance.url))
        yield instance


@contextlib.asynccontextmanager
async def _parts(
    election: LeaderElection, services: Services, servers: Servers, watch: AdmissionWatch, listener: socket.socket
) -> AsyncIterator[None]:
    """Everything that runs at the same time. Scheduling ends first: another orchestrator may wait to go on with it."""
    server = http_server(services)
    async with asyncio.TaskGroup() as group:
        scheduling = group.create_task(election.run(), name="election")
        tasks = [
            group.create_task(services.feed.run(), name="feed"),
            group.create_task(services.tail.run(), name="log tail"),
            group.create_task(watch.run(), name="admission watch"),
            *(group.create_task(watchdog.run(), name="redis watchdog") for watchdog in servers.watchdogs),
        ]
        await election.has_role.wait()
        serving = group.create_task(server.serve(sockets=[listener]), name="api")
        try:
            yield
        finally:
            scheduling.cancel()
            services.closing.set()
            server.should_exit = True
            await asyncio.wait([serving, scheduling], timeout=_STOP_S)
            for task in (serving, *tasks):
                task.cancel()


# --- making the parts ---


@contextlib.contextmanager
def _explained(settings: Settings) -> Iterator[None]:
    try:
        yield
    except (InUse, PortUnusable, EngineError, RedisServerError, WrongKey, MissingPackage) as error:
        raise StartError(str(error)) from error
    except UNAVAILABLE as error:
        raise StartError(f"a Redis cannot be used ({error}): are --store-url and --channel-url right?") from error


@dataclass(frozen=True, slots=True)
class Clients:
    """Clients of the store, with answers as text and as bytes, and of the channel where that is a Redis.

    What the API is asked uses connections of its own, `api`: however many ask, the scheduler's are left.
    """

    store: Client
    binary: Client
    api: Client
    channel: Client | None


async def _connected(servers: Servers, stack: contextlib.AsyncExitStack) -> Clients:
    channel = shared.connect(servers.shared_channel.url) if servers.shared_channel else None
    store_url = servers.store_url
    clients = Clients(connect(store_url), connect_binary(store_url), connect(store_url), channel)
    for client in filter(None, (clients.store, clients.binary, clients.api, clients.channel)):
        stack.push_async_callback(client.aclose)
    return clients


async def _identity(settings: Settings, data_dir: DataDir, clients: Clients) -> InstanceIdentity:
    """Check the servers, then ask the store which instance it belongs to. Raises StartError."""
    try:
        async with asyncio.timeout(_FIRST_ANSWER_S):
            await _check_given(settings, clients)
            return await identify(clients.store, data_dir.instance())
    except TimeoutError as error:
        raise StartError(f"a Redis has not answered for {_FIRST_ANSWER_S:g} s: is it stopped, or swapping?") from error


async def _check_given(settings: Settings, clients: Clients) -> None:
    if settings.store_url is not None:
        await check_store(settings.store_url, clients.store)
    if settings.channel_url is not None:
        await check_channel(settings.channel_url)
        await check_apart(clients.store, clients.channel)


def _docker(settings: Settings, identity: InstanceIdentity) -> Engine:
    return DockerEngine(identity.id, base_url=settings.docker_url, build_memory_bytes=settings.build_memory_bytes)


async def _tidy(engine: Engine) -> None:
    with contextlib.suppress(EngineError):
        await engine.dismantle()
    await engine.close()


def _context(
    settings: Settings,
    identity: InstanceIdentity,
    parts: tuple[Engine, Channel, ContainerDefaults],
    clients: Clients,
    cipher: EnvCipher,
    clock: SteadyClock,
    shown: Telemetry,
) -> Context:
    """What the scheduler and the API work with."""
    engine, channel, containers = parts
    return Context(
        instance=identity.id,
        runs=RunStore(clients.store, observer=shown.observer),
        workflows=WorkflowStore(clients.store, clients.binary, cipher),
        logs=LogStore(clients.store),
        feed=Feed(clients.store),
        channel=channel,
        engine=engine,
        containers=containers,
        limits=Limits(start_timeout_s=settings.start_timeout_s, grace_s=settings.grace_s, sweep_s=settings.sweep_s),
        now_ms=clock.now_ms,
        traceparent_of=shown.traceparent_of,
    )


def _term(
    context: Context, lease: Lease, clients: Clients, new_channel: Callable[[], Channel], shown: Telemetry
) -> Context:
    """The context of one term as leader: with a channel of its own, and with changes that need the lease."""
    return replace(
        context,
        runs=RunStore(clients.store, lease, shown.observer),
        channel=new_channel(),
        usage=TaskUsage(TaskUsageStore(clients.store)),
        check_lease=lease.check,
    )


def _dispatcher(
    settings: Settings, instance: Running, shown: Telemetry, report: Callable[[str], None], context: Context
) -> Dispatcher:
    info = instance.engine_info
    policy = DispatchPolicy(
        instance.reservation,
        _pool_limits(settings, instance.capacity),
        reservations.parallel_starts(settings, info),
        reservations.lack_of_memory(settings, info),
        report,
    )
    return shown.follow(Dispatcher(context, instance.capacity, reservations.disks(settings, info).free_bytes, policy))


def _pool_limits(settings: Settings, capacity: Amount) -> PoolLimits:
    if settings.warm == "off":
        return NO_POOL
    by_default = capacity.memory_bytes // 10
    return PoolLimits(by_default if settings.warm_memory_bytes is None else settings.warm_memory_bytes)


def _jobs(
    settings: Settings, store: Client, lease: Lease, admission: Admission, shown: Telemetry, context: Context
) -> Iterator[Job]:
    """What only the lease's holder does, beside scheduling."""
    yield index_what_is_old(store)
    yield _deploys(settings, context, shown).run()
    yield OperationRunner(context, Operations(store, lease), lambda: admission.no_runs).run()
    removal = Removal(store, lease)
    yield Retention(context, removal, _keep(settings), interval_s=settings.keep_interval_s).run()


def _keep(settings: Settings) -> RetentionPolicy:
    return RetentionPolicy(
        settings.keep_runs_days, settings.keep_runs_max, settings.keep_memory_bytes, settings.keep_versions
    )


def _services(
    settings: Settings,
    instance: Running,
    clients: Clients,
    cipher: EnvCipher,
    told: tuple[Admission, Telemetry, dict[str, str]],
) -> Services:
    """What the API works with; `told` says how the instance is."""
    admission, shown, conditions = told
    context, info, store = instance.context, instance.engine_info, clients.api
    runs, logs = RunStore(store, observer=shown.observer), LogStore(store)
    return Services(
        runs=runs,
        listing=RunListing(store, runs),
        workflows=WorkflowStore(store, clients.binary, cipher),
        pauses=Pauses(store),
        operations=Operations(store),
        logs=logs,
        metrics=Metrics(store),
        feed=context.feed,
        tail=Tail(logs, context.feed),
        now_ms=context.now_ms,
        sessions=Sessions(store, instance.api_key),
        trees=Trees(store),
        overview=Overview(store),
        situation=lambda: shown.situation(conditions),
        disk_bytes=lambda: disk_bytes(settings.data_dir),
        retention=_keep(settings).in_words(),
        keys=ApiKeys(store),
        queue_ttl_s=settings.queue_ttl_s,
        api_key=instance.api_key,
        host=settings.host,
        admission=admission,
        keeping=str(_keep(settings)),
        held=Removal(store).held,
        meters=shown.meters,
        are_metrics_open=settings.open_metrics,
        info=ChainMap(
            {
                "instance": context.instance,
                "engine": f"{info.name} {info.version}",
                "network": context.containers.network,
                "capacity": reservations.describe(instance.capacity),
                "a run reserves": reservations.described(instance.reservation),
            },
            conditions,
        ),
    )


def _reachable(host: str) -> str:
    """An address under which clients on this host reach what listens on `host`."""
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host


def _deploys(settings: Settings, context: Context, shown: Telemetry) -> Deploys:
    sources = Sources(DataDir(settings.data_dir).sources, settings.keep_sources_bytes)
    images = ImageRetention(context.engine, context.workflows, sources, interval_s=settings.keep_interval_s)
    builder = ImageBuilder(context.engine, images, sources, timeout_s=settings.build_timeout_s)
    registrar = Registrar(
        context.engine, context.channel, context.instance, context.containers, settings.register_timeout_s
    )
    pipeline = Pipeline(context.workflows, builder, sources, registrar, context.now_ms, context.check_lease)
    return Deploys(
        context.workflows,
        context.logs,
        pipeline,
        images,
        parallel=settings.parallel_builds,
        building=shown.meters.building,
    )
