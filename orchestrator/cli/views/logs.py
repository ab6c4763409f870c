"""What runs printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.views import output

if TYPE_CHECKING:
    from orchestrator.cli.connection import Connection

Line = dict[str, Any]


def of_run(api: Connection, run_id: str, *, follow: bool, attempt: int | None) -> Iterator[Line]:
    """The run's lines, all attempts or one; with `follow` until it is over. A lost connection is taken up again."""
    from orchestrator_sdk.client import Client
    from orchestrator_sdk.errors import APIError

    try:
        with Client(url=api.address.url, api_key=api.address.api_key) as client:
            for line in client.logs(run_id, follow=follow, attempt=attempt):
                yield {
                    "timestamp": line.timestamp.isoformat() if line.timestamp else None,
                    "attempt": line.attempt,
                    "stream": line.stream,
                    "message": line.message,
                }
    except APIError as error:
        raise CliError(str(error), "", _exit_code(error)) from error


def _exit_code(error: Exception) -> int:
    from orchestrator_sdk.errors import AuthenticationError, NotFoundError, ServerError

    if isinstance(error, NotFoundError):
        return exit_codes.NOT_FOUND
    if isinstance(error, AuthenticationError):
        return exit_codes.REFUSED
    return exit_codes.UNREACHABLE if isinstance(error, ServerError) else exit_codes.FAILED


def show(lines: Iterable[Line], *, as_json: bool) -> None:
    """Print each line where it was printed: stdout to stdout, everything else to stderr."""
    for line in lines:
        if as_json:
            output.text(json.dumps(line, ensure_ascii=False))
        elif line["stream"] == "stdout":
            output.text(line["message"])
        else:
            output.note(line["message"])
