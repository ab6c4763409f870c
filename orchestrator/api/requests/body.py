"""Bodies of requests, as JSON and no larger than they may be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any, Final, TypeVar

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from orchestrator.api.errors import invalid
from orchestrator.api.requests.parsing import as_object, is_text, parse_few, understood
from orchestrator.api.requests.refused import Refused, bad_request, too_large
from orchestrator.api.schemas import Shape

S = TypeVar("S", bound=Shape)

DEFINITION: Final = "#/components/schemas/{model}Given"
"""Where a declared body's parts are found; answers of the same name may have more in them."""


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


async def read_shape(request: Request, shape: type[S], limit_bytes: int, *, may_be_empty: bool = False) -> S:
    """The body, in this shape. Raises Refused."""
    try:
        found = shape.model_validate(as_object(await _read_json(request, limit_bytes, may_be_empty=may_be_empty)))
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
    return await understood(parse_few, await read_text(request, limit_bytes, may_be_empty=may_be_empty))


def _check_type(content_type: str) -> None:
    """Web pages can send other types to us without asking us first."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        message = f"the body's type is '{kind}': send JSON, with the header 'Content-Type: application/json'"
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)


async def _read(request: Request, limit_bytes: int) -> bytes:
    return b"".join([chunk async for chunk in read_chunks(request, limit_bytes)])
