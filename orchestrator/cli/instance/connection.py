"""The way to an orchestrator, and what its refusals mean for a command."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

import httpx

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.outage import is_outage
from orchestrator_sdk import errors
from orchestrator_sdk.client import Client
from orchestrator_sdk.client.address import Address

_EXIT_CODES: Final[dict[type[errors.APIError], int]] = {
    errors.AuthenticationError: exit_codes.REFUSED,
    errors.NotFoundError: exit_codes.NOT_FOUND,
    errors.BadRequestError: exit_codes.USAGE,
}
_HINTS: Final = {
    exit_codes.REFUSED: "set ORCHESTRATOR_API_KEY to the content of the orchestrator's key file, or name its --data-dir",
    exit_codes.UNREACHABLE: "see `orchestrator doctor`, or try again in a moment",
}


@contextlib.contextmanager
def connected(address: Address, transport: httpx.BaseTransport | None = None) -> Iterator[Client]:
    """The client of one orchestrator. What it does not answer as hoped leaves the block as a CliError."""
    with Client(
        url=address.url, api_key=address.api_key, certificate=address.certificate, transport=transport
    ) as client:
        try:
            yield client
        except errors.APIError as error:
            raise failure(error, address) from error


def failure(error: errors.APIError, address: Address) -> CliError:
    """What a request's failure means for a command."""
    if isinstance(error, errors.ConnectionError):
        return _no_answer(error, address)
    code = exit_codes.UNREACHABLE if is_outage(error) else _EXIT_CODES.get(type(error), exit_codes.FAILED)
    return CliError(error.message, _HINTS.get(code, ""), code)


def _no_answer(error: errors.ConnectionError, address: Address) -> CliError:
    if isinstance(error.__cause__, httpx.TimeoutException):
        message, hint = f"{address.url} does not answer in time", "see its log, or `orchestrator doctor`"
    else:
        message = f"no orchestrator answers at {address.url} ({error.__cause__})"
        hint = "start it with `orchestrator up --detach`, or name another with --data-dir or --url"
    return CliError(message, hint, exit_codes.UNREACHABLE)
