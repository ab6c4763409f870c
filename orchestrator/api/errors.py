"""Every way a request can fail, and what it looks like: one table from exceptions to JSON."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import Response, WebSocket
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.requests import HTTPConnection
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from orchestrator.api import deps
from orchestrator.api.requests.refused import Refused, bad_request
from orchestrator.api.responses import answer
from orchestrator.api.schemas import Problem
from orchestrator.core.variables import InvalidVariables
from orchestrator.host.apart import TooMuch
from orchestrator.store import ids
from orchestrator.store.connection import UNAVAILABLE, Full
from orchestrator.store.control.operations import OperationNotFound
from orchestrator.store.keys import NotAnId
from orchestrator.store.runs.store import RunNotFound
from orchestrator.store.workflows.store import Taken, Unknown
from orchestrator_runtime import json_text

log = logging.getLogger(__name__)

ID_PREFIX: Final = "err"
_RETRY_SOON: Final = {"Retry-After": "1"}
_RETRY_LATER: Final = {"Retry-After": "10"}


EXPECTED: Final[tuple[type[Exception], ...]] = (
    Refused,
    RunNotFound,
    OperationNotFound,
    Unknown,
    NotAnId,
    Taken,
    InvalidVariables,
    RequestValidationError,
    WebSocketRequestValidationError,
    TooMuch,
    RedisError,
)
"""What any request may end in."""


def require_admission(lack: str) -> None:
    """Raises Refused when something is lacking for new work; `lack` says what, empty when all is well."""
    if lack:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "no_room", f"nothing new is taken: {lack}", _RETRY_LATER)


def response(error: Exception, keeping: str = "") -> Response:
    """The answer to a request that ended in this error; those that are our fault are logged under the same id.

    `keeping` is how long runs are kept, in words.
    """
    refused = refusal(error, keeping)
    message = json_text.valid(str(refused))
    problem = Problem(id=ids.new_id(ID_PREFIX, time.time_ns() // 1_000_000), message=message, code=refused.code)
    if refused.status is HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed (%s)", problem.id, exc_info=error)
    elif refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request failed (%s): %s", problem.id, error)
    return answer(problem, refused.status, refused.headers)


def refusal(error: Exception, keeping: str = "") -> Refused:
    """What the error means to the client."""
    match error:
        case Refused():
            return error
        case RunNotFound():
            why = f" ({keeping})" if keeping else ""
            return Refused(HTTPStatus.NOT_FOUND, "not_found", f"{error}{why}; see `orchestrator runs list`")
        case Taken():
            return Refused(HTTPStatus.CONFLICT, "already_exists", str(error))
        case Unknown() | NotAnId() | OperationNotFound():
            return Refused(HTTPStatus.NOT_FOUND, "not_found", str(error))
        case InvalidVariables():
            return bad_request(str(error))
        case RequestValidationError() | WebSocketRequestValidationError():
            return invalid(error.errors())
        case HTTPException():
            status = HTTPStatus(error.status_code)
            return Refused(status, status.name.lower(), error.detail, error.headers or {})
        case TooMuch():
            return Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"the body cannot be read: {error}; send less"
            )
        case Full():
            message = f"the store is full and takes nothing new until there is room again where its Redis runs: {error}"
            return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "store_full", message, _RETRY_SOON)
        case _ if isinstance(error, UNAVAILABLE):
            message = "the store does not answer; nothing was lost, try again in a moment"
            return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "store_unavailable", message, _RETRY_SOON)
        case _:
            message = "the orchestrator failed at this request: its log has the details under this id"
            return Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", message)


def invalid(found: Sequence[Any]) -> Refused:
    """The refusal of values that break rules, each as pydantic describes it."""
    names = [_name(one["loc"]) for one in found]
    message = "; ".join(_sentence(name, one) for name, one in zip(names, found, strict=True))
    code = f"invalid_{names[0]}" if names[0] in ("limit", "cursor", "status") else "invalid_request"
    return bad_request(message, code)


def _name(place: Sequence[str | int]) -> str:
    """Of several values for one field of a query, the field's."""
    if place[:1] == ("query",):
        place = [part for part in place[1:] if isinstance(part, str)]
    return ".".join(str(part) for part in place if part != "path")


def _sentence(name: str, problem: Mapping[str, Any]) -> str:
    if problem["type"] != "literal_error":
        return f"{name or 'the body'}: {problem['msg']}"
    words = problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
    return f"{name} cannot be {str(problem['input'])[:60]!r}: it is one of {words}"


async def handle(request: HTTPConnection, error: Exception) -> Response:
    """For the app's table of exception handlers; a websocket is refused with the same answer instead of opened."""
    answered = response(error, deps.of(request).keeping)
    if isinstance(request, WebSocket):
        await request.send_denial_response(answered)
    return answered
