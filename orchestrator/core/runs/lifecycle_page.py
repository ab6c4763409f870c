"""Prints docs/lifecycle.md from the transition table: ``python -m orchestrator.core.runs.lifecycle_page > docs/lifecycle.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from orchestrator.core.runs.lifecycle import TABLE
from orchestrator.core.runs.run import TERMINAL, WIRE_STATUS, Status

_HEAD = """# The life of a run

Printed from the table in `orchestrator/core/runs/lifecycle.py` by `python -m orchestrator.core.runs.lifecycle_page`; a test fails
when this page is older.

Every stored state is here; none lives only in memory. An event that is not in the table changes nothing.
"""


def as_markdown() -> str:
    """The page."""
    return "\n".join([_HEAD, *_diagram(), "", *_states(), "", *_events(), ""])


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {Status.QUEUED}"
    for row in TABLE.values():
        for target in row.targets:
            yield f"    {row.status} --> {target}: {row.event.__name__}"
    for status in sorted(TERMINAL):
        yield f"    {status} --> [*]"
    yield "```"


def _states() -> Iterator[str]:
    yield "| state | what clients see |"
    yield "|---|---|"
    for status in Status:
        yield f"| {status} | {WIRE_STATUS[status]} |"


def _events() -> Iterator[str]:
    yield "| in state | when | the run is then |"
    yield "|---|---|---|"
    for row in TABLE.values():
        yield f"| {row.status} | {row.event.__name__} | {' or '.join(row.targets)} |"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
