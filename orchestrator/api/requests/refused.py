"""What clients are refused, also by a process that only reads bodies and has no use for the server's modules."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from orchestrator.core.plans import MIB

_NO_HEADERS: Final[Mapping[str, str]] = {}


class Refused(Exception):  # noqa: N818
    """The request cannot be done; the message says what to do instead."""

    def __init__(self, status: HTTPStatus, code: str, message: str, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers

    def __reduce__(self) -> tuple[Any, ...]:
        """It may be raised in another process."""
        return type(self), (self.status, self.code, str(self), dict(self.headers))


def bad_request(message: str, code: str = "invalid_request") -> Refused:
    """What is wrong with the request itself."""
    return Refused(HTTPStatus.BAD_REQUEST, code, message)


def too_large(what: str, size_bytes: int | None, limit_bytes: int) -> Refused:
    """The refusal of something over its limit; `size_bytes` is None where it was not read to its end."""
    size = "is larger" if size_bytes is None else f"has {size_bytes:,} bytes, more"
    message = f"{what} {size} than the limit of {limit_bytes:,} bytes ({limit_bytes / MIB:g} MiB)"
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", message)
