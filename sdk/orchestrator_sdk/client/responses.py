"""From an HTTP answer to a value or an error; the table is the way back of the server's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeVar

from orchestrator_sdk import errors

if TYPE_CHECKING:
    from orchestrator_sdk.client.address import Address
    from orchestrator_sdk.client.models import TaskRunDetails
    from orchestrator_sdk.client.requests import Request

T = TypeVar("T")

_ERRORS: Final[dict[int, type[errors.APIError]]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    403: errors.AuthenticationError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    413: errors.BadRequestError,
    422: errors.BadRequestError,
    429: errors.RateLimitError,
}


_KEY_HINT: Final = (
    "give Client(api_key=...) or set ORCHESTRATOR_API_KEY to the content of api-key in the data directory"
)


def read(request: Request[T], status: int, body: bytes, next_cursor: str | None = None) -> T:
    """The answer to a request; `next_cursor` is its header that says where a list goes on. Raises APIError."""
    check(request, status, body)
    try:
        answer = request.read(json.loads(body) if body else None)
        return request.read_on(answer, next_cursor) if request.read_on and next_cursor else answer
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"{request.method} /v1{request.path}: the answer is not the orchestrator's ({type(error).__name__}: {error})"
        raise errors.ServerError(problem, status) from error


def check(request: Request[Any], status: int, body: bytes) -> None:
    """Raise the APIError for an answer that is none of success."""
    if 200 <= status < 300:
        return
    message = _message(body) or f"{request.method} /v1{request.path} was answered {status}"
    default = errors.ServerError if status >= 500 else errors.RequestError
    raise _ERRORS.get(status, default)(message, status, _KEY_HINT if status == 401 else "")


def unreachable(address: Address, error: Exception) -> errors.ConnectionError:
    """The error for a request that got no answer."""
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return errors.ConnectionError(
        f"no answer from {address.url}: {reason}", hint="is the orchestrator up? orchestrator up --detach starts it"
    )


def outcome(details: TaskRunDetails) -> TaskRunDetails:
    """The run, if it completed. Raises TaskRunError or TaskCanceledError."""
    if details.status.is_success:
        return details
    failure = details.failure
    message = details.error or (failure.message if failure else "")
    said = [f"run {details.id} {'was' if details.status == 'canceled' else 'has'} {details.status}"]
    said += [part for part in (failure.type if failure else "", message) if part]
    of_child = (
        f" (of {failure.child_task}, {failure.child_task_run_id})" if failure and failure.child_task_run_id else ""
    )
    raise errors.run_error(
        ": ".join(said) + of_child,
        run_id=details.id,
        status=details.status.value,
        error_type=failure.type if failure else "",
        message=message,
        task=details.task,
    )


def _message(body: bytes) -> str:
    try:
        content: Any = json.loads(body)
        return str(content.get("message") or "")
    except (ValueError, AttributeError):
        return ""
