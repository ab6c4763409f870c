"""Answers as bytes: one-line ASCII JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi import Response

from orchestrator.api.schemas import Shape


def document(shape: Shape) -> dict[str, Any]:
    """The shape as a JSON object, without what is absent."""
    return shape.model_dump(mode="json", by_alias=True, exclude_none=True)


def encode(shape: Shape) -> str:
    """The shape as JSON text."""
    return json.dumps(document(shape), separators=(",", ":"))


def answer(
    shape: Shape | Sequence[Shape], status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """The response with one shape, or a list of them."""
    text = encode(shape) if isinstance(shape, Shape) else f"[{','.join(map(encode, shape))}]"
    return Response(text, status, headers, media_type="application/json")


def moment(at_ms: int) -> datetime:
    """A time of ours as the API shows it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)
