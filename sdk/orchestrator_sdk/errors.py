"""Everything this package raises on purpose.

OrchestratorError
├── NonRetryableError         raise it in a task: the run fails at once
├── ArgumentsError            a task cannot be called with these (also a TypeError and a ValueError)
├── TaskRunError              a run that was waited for did not complete
│   ├── TaskCanceledError     it was canceled
│   └── TaskRefusedError      it never ran
├── OutsideRunError           a task was called where no run is (also a LookupError)
├── UnknownTaskError          the app has no task of that name (also a KeyError)
├── NotDeployedError          app.start() outside a container of ours (also a RuntimeError)
├── MissingDependencyError    the clients need httpx (also an ImportError)
├── WaitTimeoutError          the wait ended, the run goes on (also a TimeoutError)
└── APIError                  a request failed; status and message are the server's
    ├── RequestError          4xx: this request will not work
    │   ├── BadRequestError   400, 413, 422
    │   ├── AuthenticationError   401, 403
    │   ├── NotFoundError     404
    │   ├── ConflictError     409
    │   └── RateLimitError    429
    └── ServerError           5xx: it may work later
        └── ConnectionError   no answer at all (also the built-in ConnectionError)
"""

from __future__ import annotations

import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from orchestrator_runtime.host import ChildFailed


class OrchestratorError(Exception):
    """What all errors of this package have in common."""


class NonRetryableError(OrchestratorError):
    """Raised by a task: trying again would not help, so the run fails without its remaining retries."""

    __orchestrator_retryable__ = False


class ArgumentsError(OrchestratorError, TypeError, ValueError):
    """A task cannot be called with these arguments: they do not bind to its signature, do not fit their annotations, or are
    no JSON. A further attempt would have the same."""

    __orchestrator_retryable__ = False


class TaskRunError(OrchestratorError):
    """A run did not complete.

    `message` is what the failed task said, `error_type` the name of its exception, empty when it raised none; `task` is its name.
    """

    def __init__(
        self,
        text: str,
        *,
        run_id: str = "",
        status: str = "failed",
        error_type: str = "",
        message: str | None = None,
        task: str = "",
    ) -> None:
        super().__init__(text)
        self.run_id = run_id
        self.task = task
        self.status = status
        self.error_type = error_type
        self.message = text if message is None else message

    @property
    def __orchestrator_child__(self) -> str:
        """By which a run that ends with this error is known to have failed of the other."""
        return self.run_id


class TaskCanceledError(TaskRunError):
    """The run was canceled."""


class TaskRefusedError(TaskRunError):
    """The run was never accepted: its task does not exist in this version, or its input is not allowed."""


class OutsideRunError(OrchestratorError, LookupError):
    """A task was called where no run is being executed."""


class UnknownTaskError(OrchestratorError, KeyError):
    """The app has no task of that name, and a further attempt would run the same app."""

    __orchestrator_retryable__ = False
    __str__ = Exception.__str__


class NotDeployedError(OrchestratorError, RuntimeError):
    """`app.start()` was reached in a process the orchestrator did not start."""


class MissingDependencyError(OrchestratorError, ImportError):
    """A package that only some programs need is not installed."""


class WaitTimeoutError(OrchestratorError, TimeoutError):
    """The time given to a wait is over; the run itself goes on."""


class APIError(OrchestratorError):
    """A request failed; `status` is None when there was no answer. `hint` says what to do, where that is known."""

    def __init__(self, message: str, status: int | None = None, hint: str = "") -> None:
        super().__init__(f"{message} ({hint})" if hint else message)
        self.message = message
        self.hint = hint
        self.status = status


class RequestError(APIError):
    """The server will not do this, however often it is asked."""


class BadRequestError(RequestError):
    """The request breaks a rule; the message says which."""


class AuthenticationError(RequestError):
    """The API key is missing, wrong, or not enough."""


class NotFoundError(RequestError):
    """There is no such run, task, workflow or version."""


class ConflictError(RequestError):
    """Too late: what was to be changed is over."""


class RateLimitError(RequestError):
    """Too many requests in too short a time."""


class ServerError(APIError):
    """The server could not do it now; later it may."""


class ConnectionError(ServerError, builtins.ConnectionError):
    """The server could not be reached, or did not answer."""


_BY_STATUS: dict[str, type[TaskRunError]] = {"canceled": TaskCanceledError, "refused": TaskRefusedError}


def run_error(text: str, *, run_id: str, status: str, error_type: str, message: str, task: str = "") -> TaskRunError:
    """The error for a run that ended with `status`."""
    cls = _BY_STATUS.get(status, TaskRunError)
    return cls(text, run_id=run_id, status=status, error_type=error_type, message=message, task=task)


def subtask_error(failed: ChildFailed, task: str) -> TaskRunError:
    """What a chained run's failure becomes in its parent; the traceback says which run it was, for its text is the official one."""
    error = run_error(
        f"Subtask failed: {failed.message}",
        run_id=failed.run_id,
        status=failed.status,
        error_type=failed.error_type,
        message=failed.message,
        task=task,
    )
    if failed.run_id and hasattr(error, "add_note"):  # Python 3.11
        error.add_note(f"the chained run of '{task}' {failed.status}: {failed.run_id} {failed.error_type}".rstrip())
    return error
