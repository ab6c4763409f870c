"""Answers as bytes: one-line ASCII JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from fastapi import Response

from orchestrator.api.schemas import Shape
from orchestrator.core.splice import splice

_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]+")


def encode(shape: Shape, **texts: str) -> str:
    """The shape as JSON text, with further fields that are JSON text already."""
    return _ascii(splice(shape.model_dump_json(by_alias=True, exclude_none=True), **texts))


def answer(
    shape: Shape | Sequence[Shape], status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """The response with one shape, or a list of them."""
    return json_response(
        encode(shape) if isinstance(shape, Shape) else f"[{','.join(map(encode, shape))}]", status, headers
    )


def json_response(text: str, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """The response with JSON text."""
    return Response(text, status, headers, media_type="application/json")


def _ascii(text: str) -> str:
    """The same JSON: only its strings can have other characters, and these can be escaped."""
    return text if text.isascii() else _NOT_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text)


def moment(at_ms: int) -> datetime:
    """A time of ours as the API shows it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)
