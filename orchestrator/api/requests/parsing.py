"""Bodies of requests, understood: where that could take long by a process of its own, which has no use for the server's modules."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeVar, TypeVarTuple

from orchestrator.api.requests.refused import Refused, bad_request
from orchestrator.host.apart import computed, is_quick, values_in
from orchestrator_runtime import json_text
from orchestrator_runtime.wire import FRAME_NESTING_LIMIT

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_VALUES_LIMIT: Final = 20_000
"""Of bodies that are read by this process, however large a value may be."""
_SPACE: Final = b" \t\r\n"
_ESCAPE_SAVES: Final = 5
"""At most: what is written as ``\\u0041`` has six bytes, and is one."""


def parse(body: bytes) -> Any:
    """The JSON in the body. Raises Refused, with the place of what is wrong."""
    try:
        return json_text.loads(body.decode(), levels=FRAME_NESTING_LIMIT)
    except UnicodeDecodeError as error:
        raise bad_request(f"the body is not JSON: byte {error.start} is not UTF-8", "invalid_json") from None
    except ValueError as error:
        raise bad_request(f"the body is not JSON: {error}", "invalid_json") from None


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in the body. Raises Refused."""
    return as_object(parse(body))


def as_object(content: Any) -> dict[str, Any]:
    """What was in a body, which must be an object. Raises Refused."""
    if not isinstance(content, dict):
        raise bad_request("the body must be a JSON object")
    return content


def least_bytes(body: bytes) -> int:
    """How long a JSON text is at least when it is written without spaces and escapes."""
    shorter = body.translate(None, _SPACE)
    return len(shorter) - _ESCAPE_SAVES * shorter.count(b"\\u") - shorter.count(b"\\/")


async def understood(function: Callable[[bytes, *Ts], T], body: bytes, *args: *Ts) -> T:
    """What the function makes of the body, in another process where it could take long. Raises TooMuch."""
    return function(body, *args) if is_quick(body) else await computed(function, body, *args)


def is_text(value: str) -> bool:
    """Whether it can be stored: JSON can also spell halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse_few(body: bytes) -> Any:
    """The JSON in the body, which has so few values that this process can take them over."""
    content = parse(body)
    if values_in(body) > _VALUES_LIMIT and _count(content) > _VALUES_LIMIT:
        message = f"the body has more than {_VALUES_LIMIT:,} values: send less at once"
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", message)
    return content


def _count(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_count, inner))
