"""Runs to test with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orchestrator.core.runs.events import Claimed, Event, ShimReady
from orchestrator.core.runs.lifecycle import decide
from orchestrator.core.runs.retry import DEFAULT_RETRY
from orchestrator.core.runs.run import Run

NOW_MS = 1_000_000


def a_run(**changes: Any) -> Run:
    run = Run(
        id="trn-1",
        workflow_id="wfl-1",
        version_id="wfv-1",
        task_id="tsk-1",
        task="square",
        plan="starter",
        timeout_s=60,
        retry=DEFAULT_RETRY,
        root_id="trn-1",
        depth=0,
        call=None,
        created_at_ms=NOW_MS,
        due_at_ms=NOW_MS,
    )
    return replace(run, **changes)


def after(run: Run, *events: Event, now_ms: int = NOW_MS) -> Run:
    for event in events:
        run = decide(run, event, now_ms=now_ms).run
    return run


def a_starting_run(**changes: Any) -> Run:
    return after(a_run(**changes), Claimed(NOW_MS + 1000))


def a_running_run(**changes: Any) -> Run:
    return after(a_starting_run(**changes), ShimReady())
