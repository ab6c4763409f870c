"""The composition root: the only place that makes store, channel, engine, scheduler, builder and API, and runs them together.

Everything lives in one TaskGroup: if a part dies, the process ends, loudly, and the next `up` carries on from the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from orchestrator.api.admission import Admission
from orchestrator.api.deps import Services
from orchestrator.app import reservations
from orchestrator.app.admission import AdmissionWatch
from orchestrator.app.api_services import api_services, kept
from orchestrator.app.clients import Clients, connected
from orchestrator.app.containers import channel_of, container_defaults, fenced_network
from orchestrator.app.data_dir import DataDir, InUse
from orchestrator.app.env_key import env_cipher
from orchestrator.app.instance import Running
from orchestrator.app.redis_servers import Servers, start_servers
from orchestrator.app.serving.listening import PortUnusable, Unprotected, check_reach, listen, url_of
from orchestrator.app.serving.server import http_server
from orchestrator.app.serving.tls import CertificateUnusable, tls_context
from orchestrator.app.settings import Settings
from orchestrator.app.stopping import named, until_told
from orchestrator.app.telemetry import Telemetry, telemetry
from orchestrator.app.upkeep.copies import become_another, original_of
from orchestrator.app.upkeep.temporary_files import temporary_files
from orchestrator.builder.deploys import Deploys
from orchestrator.builder.image.builder import ImageBuilder
from orchestrator.builder.image_retention import ImageRetention
from orchestrator.builder.pipeline import Pipeline
from orchestrator.builder.register.registrar import Registrar
from orchestrator.builder.sources import Sources
from orchestrator.builder.worker.protocol import Limits as ReadingLimits
from orchestrator.channel.channel import Channel
from orchestrator.core.container.spec import ContainerDefaults
from orchestrator.core.scheduling.capacity import Amount
from orchestrator.core.scheduling.pool import NO_POOL, PoolLimits
from orchestrator.engine.base import Engine, EngineError, EngineInfo
from orchestrator.engine.docker.engine import DockerEngine
from orchestrator.engine.live_lines import LiveLines
from orchestrator.host.clock import SteadyClock
from orchestrator.redis.preflight import check_apart, check_channel, check_store
from orchestrator.redis.server import RedisServerError
from orchestrator.scheduler.context import Context, Limits
from orchestrator.scheduler.dispatcher import Dispatcher, DispatchPolicy
from orchestrator.scheduler.leader import Job, LeaderElection
from orchestrator.scheduler.operations import OperationRunner
from orchestrator.scheduler.retention import Retention
from orchestrator.scheduler.task_usage import TaskUsage
from orchestrator.store.connection import UNAVAILABLE, Client
from orchestrator.store.control.operations import Operations
from orchestrator.store.env_cipher import EnvCipher, WrongKey
from orchestrator.store.format import Newer, bring_up_to_date
from orchestrator.store.identity import InstanceIdentity, identify
from orchestrator.store.lease import Lease
from orchestrator.store.logs import LogStore
from orchestrator.store.removal import Removal
from orchestrator.store.runs.feed import Feed
from orchestrator.store.runs.reindex import index_what_is_old
from orchestrator.store.runs.store import RunStore
from orchestrator.store.task_usage import TaskUsageStore
from orchestrator.store.workflows.store import WorkflowStore
from orchestrator.telemetry.tracing import MissingPackage

log = logging.getLogger(__name__)

_STOP_S = 8.0
"""For answers under way, and for containers that wait for no run to be removed. What goes on then is ended wherever it is."""
_CUT_S = 1.0
_TIDY_S = 5.0
"""For the engine to take away what the next start would make again."""
_FIRST_ANSWER_S = 15.0
_EXPECTED = (
    InUse,
    PortUnusable,
    Unprotected,
    CertificateUnusable,
    EngineError,
    RedisServerError,
    WrongKey,
    MissingPackage,
    Newer,
)
"""What is the host's or the user's to mend; the messages say how."""


class StartError(RuntimeError):
    """The orchestrator cannot run here as asked; the message says what to do."""


async def serve(settings: Settings, on_ready: Callable[[Running], None]) -> None:
    """Run until SIGINT or SIGTERM; containers are left to the next start. Raises StartError."""
    await until_told(_live(settings, on_ready))


async def _live(settings: Settings, on_ready: Callable[[Running], None]) -> None:
    async with running(settings) as instance:
        on_ready(instance)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        this = asyncio.current_task()
        assert this is not None
        this.uncancel()  # what follows is the end in order


@contextlib.asynccontextmanager
async def running(settings: Settings, engine: Engine | None = None) -> AsyncIterator[Running]:
    """An instance that serves inside the block; `engine` by default is Docker. Raises StartError."""
    data_dir = DataDir(settings.data_dir)
    conditions: dict[str, str] = {}
    async with contextlib.AsyncExitStack() as stack:
        with _explained(settings):
            shown = stack.enter_context(telemetry(os.environ, conditions))
            stack.enter_context(data_dir.locked())
            stack.enter_context(temporary_files(data_dir.temporary))
            tls = tls_context(settings.tls_cert, settings.tls_key)
            check_reach(settings.host, has_key=not settings.no_auth, has_tls=tls is not None)
            listener = stack.enter_context(contextlib.closing(listen(settings.host, settings.port)))
            servers = await start_servers(settings, data_dir, conditions, stack)
            clients = await connected(servers, stack)
            identity = await _identity(settings, data_dir, clients, conditions)
            cipher = await env_cipher(data_dir, clients.store, forget=settings.forget_variables)
            engine = shown.timed(engine or _docker(settings, identity))
            stack.push_async_callback(_tidy, engine)
            if unfenced := await fenced_network(settings, engine, servers):
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
            url=url_of(settings.host, listener.getsockname()[1], has_tls=tls is not None),
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
        jobs = partial(_jobs, settings, info, clients.store, lease, watch.admission, shown)
        dispatcher = partial(_dispatcher, settings, instance, shown, partial(conditions.__setitem__, "starts"))
        election = LeaderElection(lease, term, dispatcher, jobs, report)
        live = LiveLines(engine)
        services = api_services(settings, instance, clients, cipher, live, (watch.admission, shown, conditions))
        await stack.enter_async_context(_parts(election, services, live, servers, watch, (listener, tls)))
        stack.enter_context(data_dir.announced(instance.url, settings.tls_cert))
        yield instance


@contextlib.asynccontextmanager
async def _parts(
    election: LeaderElection,
    services: Services,
    live: LiveLines,
    servers: Servers,
    watch: AdmissionWatch,
    door: tuple[socket.socket, ssl.SSLContext | None],
) -> AsyncIterator[None]:
    """Everything that runs at the same time. Scheduling ends first: another orchestrator may wait to go on with it."""
    listener, tls = door
    server = http_server(services, tls)
    others = asyncio.all_tasks()
    async with asyncio.TaskGroup() as group:
        scheduling = group.create_task(election.run(), name="election")
        tasks = [
            group.create_task(services.feed.run(), name="feed"),
            group.create_task(services.tail.run(), name="log tail"),
            group.create_task(live.run(), name="live lines"),
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
            _, late = await asyncio.wait([serving, scheduling, *tasks], timeout=_CUT_S)
            if late:
                await _cut(asyncio.all_tasks() - others)


async def _cut(left: set[asyncio.Task[Any]]) -> None:
    """End what waits in spite of having been told to end, wherever that is."""
    log.warning("not ended within %g s, and cut short: %s", _STOP_S, named(left))
    for task in left:
        task.cancel()
    await asyncio.wait(left, timeout=_CUT_S)


# --- making the parts ---


@contextlib.contextmanager
def _explained(settings: Settings) -> Iterator[None]:
    try:
        yield
    except _EXPECTED as error:
        raise StartError(str(error)) from error
    except UNAVAILABLE as error:
        raise StartError(f"a Redis cannot be used ({error}): are --store-url and --channel-url right?") from error


async def _identity(
    settings: Settings, data_dir: DataDir, clients: Clients, conditions: dict[str, str]
) -> InstanceIdentity:
    """Check the servers and what they have, then ask the store which instance it belongs to. Raises StartError."""
    try:
        async with asyncio.timeout(_FIRST_ANSWER_S):
            await _check_given(settings, clients)
            await clients.store.ping()
    except TimeoutError as error:
        raise StartError(f"a Redis has not answered for {_FIRST_ANSWER_S:g} s: is it stopped, or swapping?") from error
    await bring_up_to_date(clients.store)
    if settings.store_url is None and (original := original_of(data_dir)):
        conditions["instance was"] = await become_another(data_dir, original, clients.store)
    data_dir.settle()
    return await identify(clients.store, data_dir.instance())


async def _check_given(settings: Settings, clients: Clients) -> None:
    if settings.store_url is not None:
        await check_store(settings.store_url, clients.store)
    if settings.channel_url is not None:
        await check_channel(settings.channel_url)
        await check_apart(clients.store, clients.channel)


def _docker(settings: Settings, identity: InstanceIdentity) -> Engine:
    return DockerEngine(
        identity.id,
        base_url=settings.docker_url,
        build_memory_bytes=settings.build_memory_bytes,
        spare_namespaces=reservations.spare_namespaces(settings),
    )


async def _tidy(engine: Engine) -> None:
    try:
        async with asyncio.timeout(_TIDY_S):
            await engine.dismantle()
    except (EngineError, TimeoutError) as error:
        why = str(error) or f"the engine has not done it within {_TIDY_S:g} s"
        log.warning("networks are left as they are, to the next start or `orchestrator clean`: %s", why)
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
        feed=Feed(clients.store, clients.api),
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
    settings: Settings,
    info: EngineInfo,
    store: Client,
    lease: Lease,
    admission: Admission,
    shown: Telemetry,
    context: Context,
) -> Iterator[Job]:
    """What only the lease's holder does, beside scheduling."""
    yield index_what_is_old(store)
    yield _deploys(settings, context, shown, reservations.disks(settings, info).free_bytes).run()
    yield OperationRunner(context, Operations(store, lease), lambda: admission.no_runs).run()
    removal = Removal(store, lease)
    yield Retention(context, removal, kept(settings), interval_s=settings.keep_interval_s).run()


def _deploys(settings: Settings, context: Context, shown: Telemetry, free_bytes: Callable[[], int]) -> Deploys:
    sources = Sources(DataDir(settings.data_dir).sources, settings.keep_sources_bytes)
    images = ImageRetention(context.engine, context.workflows, sources, interval_s=settings.keep_interval_s)
    reading = ReadingLimits(source_bytes=settings.source_bytes)
    timeout_s = settings.build_timeout_s
    builder = ImageBuilder(context.engine, images, sources, timeout_s=timeout_s, limits=reading, free_bytes=free_bytes)
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
