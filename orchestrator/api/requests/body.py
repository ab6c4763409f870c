"""Bodies of requests, as JSON and no larger than they may be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Any, Final, TypeVar, TypeVarTuple

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from orchestrator.api.errors import Refused, bad_request, invalid
from orchestrator.api.schemas import Shape
from orchestrator.core.plans import MIB
from orchestrator.host.apart import computed, is_quick, values_in
from orchestrator_runtime import json_text
from orchestrator_runtime.wire import FRAME_NESTING_LIMIT

S = TypeVar("S", bound=Shape)
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

DEFINITION: Final = "#/components/schemas/{model}Given"
"""Where a declared body's parts are found; answers of the same name may have more in them."""


_VALUES_LIMIT: Final = 20_000
"""Of bodies that are read by this process, however large a value may be."""
_SPACE: Final = b" \t\r\n"
_ESCAPE_SAVES: Final = 5
"""At most: what is written as ``\\u0041`` has six bytes, and is one."""


async def read_text(request: Request, limit_bytes: int, *, may_be_empty: bool = False) -> bytes:
    """The body as it came, which should be JSON; where it may be empty, nothing is an empty object. Raises Refused."""
    sizes = {"content-length", "transfer-encoding"} & set(request.headers)
    if may_be_empty and (not sizes or request.headers.get("content-length") == "0"):
        return b"{}"
    _check_type(request.headers.get("content-type", ""))
    return await _read(request, limit_bytes)


async def read_chunks(request: Request, limit_bytes: int, what: str = "the body") -> AsyncIterator[bytes]:
    """The body as it arrives, whatever its type. Raises Refused when it is larger, unread where its length is declared."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit_bytes:
        raise too_large(what, int(declared), limit_bytes)
    size_bytes = 0
    async for chunk in request.stream():
        size_bytes += len(chunk)
        if size_bytes > limit_bytes:
            raise too_large(what, None, limit_bytes)
        yield chunk


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in the body. Raises Refused."""
    return _as_object(parse(body))


def _as_object(content: Any) -> dict[str, Any]:
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


async def read_shape(request: Request, shape: type[S], limit_bytes: int, *, may_be_empty: bool = False) -> S:
    """The body, in this shape. Raises Refused."""
    try:
        found = shape.model_validate(_as_object(await _read_json(request, limit_bytes, may_be_empty=may_be_empty)))
    except ValidationError as error:
        raise invalid(error.errors()) from None
    _check_texts(found.model_dump(by_alias=True))
    return found


async def read_list(request: Request, shape: type[S], limit_bytes: int) -> list[S]:
    """The body, a list of this shape. Raises Refused."""
    try:
        found: list[S] = TypeAdapter(list[shape]).validate_python(await _read_json(request, limit_bytes))  # type: ignore[valid-type]
    except ValidationError as error:
        raise invalid(error.errors()) from None
    _check_texts([one.model_dump(by_alias=True) for one in found])
    return found


def declared(shape: type[Shape], *, is_list: bool = False) -> dict[str, Any]:
    """How a route that reads its body itself declares it."""
    schema = shape.model_json_schema(ref_template=DEFINITION)
    schema = {"type": "array", "items": schema} if is_list else schema
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def parse(body: bytes) -> Any:
    """The JSON in the body. Raises Refused, with the place of what is wrong."""
    try:
        return json_text.loads(body.decode(), levels=FRAME_NESTING_LIMIT)
    except UnicodeDecodeError as error:
        raise bad_request(f"the body is not JSON: byte {error.start} is not UTF-8", "invalid_json") from None
    except ValueError as error:
        raise bad_request(f"the body is not JSON: {error}", "invalid_json") from None


def too_large(what: str, size_bytes: int | None, limit_bytes: int) -> Refused:
    """The refusal of something over its limit; `size_bytes` is None where it was not read to its end."""
    size = "is larger" if size_bytes is None else f"has {size_bytes:,} bytes, more"
    message = f"{what} {size} than the limit of {limit_bytes:,} bytes ({limit_bytes / MIB:g} MiB)"
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", message)


def is_text(value: str) -> bool:
    """Whether it can be stored: JSON can also spell halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_texts(value: Any, place: str = "") -> None:
    """What is not a run's input is stored and shown as text."""
    if isinstance(value, str) and not is_text(value):
        raise bad_request(f"{place or 'the body'} has half of a character, which is no text")
    if isinstance(value, dict):
        for name, item in value.items():
            _check_texts(name, place)
            _check_texts(item, f"{place}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for item in value:
            _check_texts(item, place)


async def _read_json(request: Request, limit_bytes: int, *, may_be_empty: bool = False) -> Any:
    return await understood(_parse_few, await read_text(request, limit_bytes, may_be_empty=may_be_empty))


def _parse_few(body: bytes) -> Any:
    """The JSON in the body, which has so few values that this process can take them over."""
    content = parse(body)
    if values_in(body) > _VALUES_LIMIT and _count(content) > _VALUES_LIMIT:
        message = f"the body has more than {_VALUES_LIMIT:,} values: send less at once"
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", message)
    return content


def _count(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_count, inner))


def _check_type(content_type: str) -> None:
    """Web pages can send other types to us without asking us first."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        message = f"the body's type is '{kind}': send JSON, with the header 'Content-Type: application/json'"
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)


async def _read(request: Request, limit_bytes: int) -> bytes:
    return b"".join([chunk async for chunk in read_chunks(request, limit_bytes)])
