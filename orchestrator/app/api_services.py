"""What the API of an instance works with."""

from __future__ import annotations

from collections import ChainMap

from orchestrator.api.admission import Admission
from orchestrator.api.deps import Services
from orchestrator.api.logs.live import LiveLines
from orchestrator.api.logs.tail import Tail
from orchestrator.app import reservations
from orchestrator.app.clients import Clients
from orchestrator.app.instance import Running
from orchestrator.app.settings import Settings
from orchestrator.app.telemetry import Telemetry
from orchestrator.core.allowance import Limits
from orchestrator.core.retention import RetentionPolicy
from orchestrator.host.disks import disk_bytes
from orchestrator.store.api_keys import ApiKeys
from orchestrator.store.control.operations import Operations
from orchestrator.store.control.pauses import Pauses
from orchestrator.store.env_cipher import EnvCipher
from orchestrator.store.logs import LogStore
from orchestrator.store.overview import Overview
from orchestrator.store.removal import Removal
from orchestrator.store.runs.listing import RunListing
from orchestrator.store.runs.metrics import Metrics
from orchestrator.store.runs.store import RunStore
from orchestrator.store.runs.trees import Trees
from orchestrator.store.sessions import Sessions
from orchestrator.store.workflows.store import WorkflowStore


def api_services(
    settings: Settings,
    instance: Running,
    clients: Clients,
    cipher: EnvCipher,
    live: LiveLines,
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
        live=live,
        now_ms=context.now_ms,
        sessions=Sessions(store, instance.api_key, ApiKeys(store).has),
        trees=Trees(store),
        overview=Overview(store),
        situation=lambda: shown.situation(conditions),
        disk_bytes=lambda: disk_bytes(settings.data_dir),
        retention=kept(settings).in_words(),
        keys=ApiKeys(store),
        queue_ttl_s=settings.queue_ttl_s,
        source_bytes=settings.source_bytes,
        api_key=instance.api_key,
        host=settings.host,
        allowed_hosts=frozenset(name.strip().lower() for name in settings.allowed_hosts.split(",")) - {""},
        limits=Limits(settings.key_requests_per_s, settings.key_open_requests),
        admission=admission,
        keeping=str(kept(settings)),
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


def kept(settings: Settings) -> RetentionPolicy:
    """What is kept for how long."""
    return RetentionPolicy(
        settings.keep_runs_days, settings.keep_runs_max, settings.keep_memory_bytes, settings.keep_versions
    )
