"""Which trace a run belongs to, as W3C Trace Context has it (``version-trace-parent-flags``).

Nothing is stored but what a caller gave: all other ids are derived from those of runs, so whoever looks after an attempt, and after
whatever crash, tells the same ones.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

from orchestrator.core.runs.run import Run

SAMPLED: Final = "01"
_TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII
)


def checked(header: str | None) -> str | None:
    """The caller's header, in the words of version 00; None when it is none, which is then no reason to refuse anything."""
    found = _TRACEPARENT.fullmatch((header or "").strip())
    if found is None or ((header or "").startswith("00-") and found[4]):
        return None
    return f"00-{found[1]}-{found[2]}-{found[3]}"


def trace_id(run: Run) -> str:
    """The caller's trace, else the tree's own."""
    return run.traceparent.split("-")[1] if run.traceparent else sha256(run.root_id.encode()).hexdigest()[:32]


def parent_span_id(run: Run) -> str | None:
    """The span from which the run was asked for; None when nobody gave one."""
    return run.traceparent.split("-")[2] if run.traceparent else None


def flags(run: Run) -> str | None:
    """Whether the caller records the trace; None when there was no caller to say so."""
    return run.traceparent.split("-")[3] if run.traceparent else None


def run_span_id(run: Run) -> str:
    """The span of the run itself."""
    return sha256(run.id.encode()).hexdigest()[:16]


def attempt_span_id(run: Run, attempt: int) -> str:
    """The span of one of its attempts."""
    return sha256(f"{run.id}:{attempt}".encode()).hexdigest()[:16]


def in_attempt(run: Run, trace_flags: str) -> str:
    """The traceparent for what the newest attempt does."""
    return f"00-{trace_id(run)}-{attempt_span_id(run, run.attempt)}-{trace_flags}"


def passed_on(run: Run) -> str | None:
    """The traceparent for what an attempt does where there are no spans of ours: the caller's, as it is."""
    return run.traceparent
