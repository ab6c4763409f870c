"""What runs printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from orchestrator.cli.views import output

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client

Line = dict[str, Any]


def of_run(api: Client, run_id: str, *, follow: bool, attempt: int | None) -> Iterator[Line]:
    """The run's lines, all attempts or one; with `follow` until it is over. A lost connection is taken up again."""
    for line in api.logs(run_id, follow=follow, attempt=attempt):
        yield {
            "timestamp": line.timestamp.isoformat() if line.timestamp else None,
            "attempt": line.attempt,
            "stream": line.stream,
            "message": line.message,
        }


def show(lines: Iterable[Line], *, as_json: bool) -> None:
    """Print each line where it was printed: stdout to stdout, everything else to stderr."""
    for line in lines:
        if as_json:
            output.text(output.as_json(line))
        else:
            output.printed(line["message"], is_err=line["stream"] != "stdout")
