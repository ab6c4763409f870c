"""What must be done so that containers and runs agree again: the same answer on start and at every sweep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestrator.core.container.spec import LABEL_ATTEMPT, LABEL_FENCE, LABEL_ROLE, LABEL_RUN, ContainerState, Role
from orchestrator.core.run import ACTIVE, Run


@dataclass(frozen=True, slots=True)
class Adopt:
    """The run's current attempt lives in this container, and nobody looks after it."""

    run: Run
    container: ContainerState


@dataclass(frozen=True, slots=True)
class Lost:
    """The run's current attempt has no container, and nobody is making one."""

    run: Run


@dataclass(frozen=True, slots=True)
class Orphan:
    """The container belongs to no current attempt."""

    container: ContainerState


Finding = Adopt | Lost | Orphan


def reconcile(
    runs: Iterable[Run],
    containers: Iterable[ContainerState],
    supervised: Mapping[str, int],
    kept: frozenset[str] = frozenset(),
) -> list[Finding]:
    """Compare the active runs with our containers.

    `supervised` maps the runs somebody looks after to the fence of their attempt; `kept` are ids of containers that are
    expected without a run (a registration in progress). Runs must be read before containers are listed, else an attempt claimed in
    between would look like an orphan.
    """
    by_attempt = {_attempt_of(container): container for container in containers}
    by_channel = {container.channel_id: container for container in by_attempt.values()}
    findings: list[Finding] = []
    claimed = set()
    for run in runs:
        if run.status not in ACTIVE:
            continue
        container = by_channel.get(run.attempts[-1].channel_id) or by_attempt.get((run.id, run.attempt, run.fence))
        claimed.add(container.id if container else "")
        if supervised.get(run.id) == run.fence:
            continue
        findings.append(Adopt(run, container) if container else Lost(run))
    for key, container in by_attempt.items():
        is_supervised = supervised.get(key[0]) == key[2]
        if container.id not in claimed and not is_supervised and container.id not in kept:
            findings.append(Orphan(container))
    return findings


def _attempt_of(container: ContainerState) -> tuple[str, int, int]:
    labels = container.labels
    if labels.get(LABEL_ROLE) != Role.ATTEMPT:
        return (container.id, -1, -1)
    return (labels.get(LABEL_RUN, ""), _int(labels.get(LABEL_ATTEMPT)), _int(labels.get(LABEL_FENCE)))


def _int(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else -1
