"""Docker's "inspect" → ContainerState, pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from orchestrator.core.container.spec import ContainerState
from orchestrator.engine.docker.timestamps import parse_timestamp_ns

_CANNOT_RUN: Final = (126, 127)
"""Docker's exit codes for a command that is no program, or not there."""


def container_state(inspected: Mapping[str, Any]) -> ContainerState:
    """What `inspect` said, with Docker's stand-ins (exit code 0, the year 1) for "not yet" taken out."""
    state = inspected["State"]
    started_at_ms = _moment_ms(state["StartedAt"])
    has_ended = not state["Running"] and started_at_ms is not None
    return ContainerState(
        id=inspected["Id"],
        labels=inspected["Config"]["Labels"] or {},
        running=state["Running"],
        created_at_ms=_moment_ms(inspected.get("Created") or ""),
        started_at_ms=started_at_ms,
        exit_code=state["ExitCode"] if has_ended else None,
        oom_killed=state["OOMKilled"],
        error=state["Error"],
        image=inspected.get("Image", ""),
        ended_at_ms=_moment_ms(state.get("FinishedAt", "")) if has_ended else None,
        cannot_run=started_at_ms is None and state["ExitCode"] in _CANNOT_RUN,
    )


def _moment_ms(text: str) -> int | None:
    nanoseconds = parse_timestamp_ns(text) if text else 0
    return nanoseconds // 1_000_000 if nanoseconds > 0 else None
