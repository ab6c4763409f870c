"""What goes wrong with Docker, translated once.

EngineError
├── EngineUnavailable   no connection, no answer in time, an answer cut short
├── ImageMissing        404 for an image
├── NotFound             404 for anything else     ┐
├── Conflict            409                       ├ only within the Docker engine
└── Busy                5xx that passes by itself ┘
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from docker.errors import APIError, DockerException, ImageNotFound
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from orchestrator.engine.base import EngineError, EngineUnavailable, ImageMissing
from orchestrator.engine.docker.faults import fix_for


class NotFound(EngineError):  # noqa: N818
    """Docker has no such container or network."""


class Conflict(EngineError):  # noqa: N818
    """The container is in a state, or has a name, that forbids this."""


class Busy(EngineError):  # noqa: N818
    """The storage driver was disturbed by another create or remove at the same moment."""


_NO_CONNECTION: Final = (OSError, RequestException, HTTPError, DockerException)
"""In this order of causes: a socket, HTTP over it, and docker-py's own word for both when it asks for the version."""

_NO_IMAGE: Final = "no such image"
_BUSY_WORDS: Final = ("device or resource busy", "overlay2", "layer does not exist", "driver failed to remove")


@contextmanager
def translated(action: str, url: str) -> Iterator[None]:
    """Raises EngineError for whatever docker-py, requests or a socket raises; `action` reads "start container 12ab"."""
    try:
        yield
    except APIError as error:
        explanation = str(error.explanation or error)
        raise refused(action, error.status_code or 0, explanation, isinstance(error, ImageNotFound)) from error
    except _NO_CONNECTION as error:
        raise EngineUnavailable(
            f"cannot {action}: Docker at {url} does not answer ({_root_cause(error)}); "
            "see that it runs and that this user may talk to it, `orchestrator doctor` says how"
        ) from error


def refused(action: str, status: int, explanation: str, is_image: bool = False) -> EngineError:
    """The error for Docker's answer `status`."""
    words = explanation.strip()
    if is_image or (status == HTTPStatus.NOT_FOUND and _NO_IMAGE in words.lower()):
        return ImageMissing(f"cannot {action}: {words}; deploy the workflow again")
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(f"cannot {action}: {words}")
    if status == HTTPStatus.CONFLICT:
        return Conflict(f"cannot {action}: {words}")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and any(word in words for word in _BUSY_WORDS):
        return Busy(f"cannot {action} now: {words}; it passes when Docker is less busy")
    what_to_do = fix_for(words) or "Docker's own log may say more"
    return EngineError(f"cannot {action}: {words}; {what_to_do} (answer {status})")


def _root_cause(error: BaseException) -> str:
    """The innermost reason: requests and urllib3 each wrap the one below."""
    while isinstance(error, Exception) and (inner := error.__context__ or error.__cause__):
        error = inner
    return str(error) or type(error).__name__
