"""The way to an orchestrator's HTTP API, and what its answers mean for a command."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final, Self

import httpx

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.paths import path_of
from orchestrator_sdk.client.address import Address
from orchestrator_sdk.client.connection import settings
from orchestrator_sdk.client.sse import Event, EventParser

_STREAM_TIMEOUT: Final = httpx.Timeout(5.0, read=90.0)
"""Silent streams send a heartbeat well within this."""
_PAGE: Final = 100

_EXIT_CODES: Final[dict[int, int]] = {
    HTTPStatus.UNAUTHORIZED: exit_codes.REFUSED,
    HTTPStatus.FORBIDDEN: exit_codes.REFUSED,
    HTTPStatus.NOT_FOUND: exit_codes.NOT_FOUND,
    HTTPStatus.BAD_REQUEST: exit_codes.USAGE,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: exit_codes.USAGE,
    HTTPStatus.UNPROCESSABLE_ENTITY: exit_codes.USAGE,
    HTTPStatus.SERVICE_UNAVAILABLE: exit_codes.UNREACHABLE,
    HTTPStatus.BAD_GATEWAY: exit_codes.UNREACHABLE,
    HTTPStatus.GATEWAY_TIMEOUT: exit_codes.UNREACHABLE,
}
_HINTS: Final = {
    exit_codes.REFUSED: "set ORCHESTRATOR_API_KEY to the content of the orchestrator's key file, or name its --data-dir",
    exit_codes.UNREACHABLE: "see `orchestrator doctor`, or try again in a moment",
}


class Connection:
    """Asks one orchestrator. Every method raises CliError for whatever it does not answer as hoped."""

    def __init__(self, address: Address, transport: httpx.BaseTransport | None = None) -> None:
        self.url = address.url
        self.address = address
        self._http = httpx.Client(**settings(address), transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """The JSON document at the path."""
        return self._ask("GET", path, params=params)

    def post(self, path: str, body: Any) -> Any:
        """The answer to the document."""
        return self._ask("POST", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        """The answer to the change."""
        return self._ask("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        """Delete what is at the path."""
        self._ask("DELETE", path)

    def workflow_id(self, name: str | None) -> str | None:
        """The id of the workflow with that name or id; None for None."""
        return str(self.get(path_of("workflows", name))["id"]) if name else None

    def all(self, path: str, item: str, *, limit: int | None = None, **params: Any) -> Iterator[dict[str, Any]]:
        """The items of a list, newest first, page by page; at most `limit`."""
        cursor, left = None, limit
        while left is None or left > 0:
            size = min(_PAGE, left or _PAGE)
            page = self.get(path, limit=size, **params, **({"cursor": cursor} if cursor else {}))
            yield from (entry[item] for entry in page)
            if len(page) < size:
                return
            cursor, left = page[-1]["cursor"], None if left is None else left - len(page)

    def stream(self, path: str, **params: Any) -> Iterator[Event]:
        """Server-sent events until the orchestrator ends them."""
        with (
            self._translated(),
            self._http.stream("GET", path, params=_present(params), timeout=_STREAM_TIMEOUT) as response,
        ):
            if response.is_error:
                response.read()
                raise _refusal(response)
            parser = EventParser()
            for line in response.iter_lines():
                if event := parser.feed(line):
                    yield event

    def _ask(self, method: str, path: str, **rest: Any) -> Any:
        if "params" in rest:
            rest["params"] = _present(rest["params"])
        with self._translated():
            response = self._http.request(method, path, **rest)
        if response.is_error:
            raise _refusal(response)
        return response.json() if response.content else None

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise _unreachable(
                f"{self.url} does not answer in time", "see its log, or `orchestrator doctor`"
            ) from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            hint = "start it with `orchestrator up --detach`, or name another with --data-dir or --url"
            raise _unreachable(f"no orchestrator answers at {self.url} ({error})", hint) from error


def _present(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _unreachable(message: str, hint: str) -> CliError:
    return CliError(message, hint, exit_codes.UNREACHABLE)


def _refusal(response: httpx.Response) -> CliError:
    code = _EXIT_CODES.get(response.status_code, exit_codes.FAILED)
    return CliError(_message(response), _HINTS.get(code, ""), code)


def _message(response: httpx.Response) -> str:
    """What the orchestrator says, in its own words."""
    with contextlib.suppress(ValueError, AttributeError):
        if message := response.json().get("message"):
            return str(message)
    return f"{response.request.method} {response.request.url.path} was answered {response.status_code}"
