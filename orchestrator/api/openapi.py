"""What ``/openapi.json`` says beyond what the routes' types say."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from orchestrator.api.requests.body import DEFINITION

router = APIRouter()

_OPEN: Final = ("/healthz", "/readyz")


@router.get("/openapi.json", include_in_schema=False)
def schema(request: Request) -> JSONResponse:
    """All of it, in a thread: working it out takes a third of a second, the first time."""
    return JSONResponse(request.app.openapi())


def complete(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with the key that requests need, and with every definition where references look for it."""
    definitions = schema.setdefault("components", {}).setdefault("schemas", {})
    for path in schema["paths"].values():
        for operation in path.values():
            for body in _bodies(operation):
                for name, definition in body.pop("$defs", {}).items():
                    definitions[DEFINITION.format(model=name).rpartition("/")[2]] = definition
    schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    schema["security"] = [{"key": []}]
    for path in _OPEN:
        schema["paths"][path]["get"]["security"] = []
    return schema


def _bodies(operation: dict[str, Any]) -> list[dict[str, Any]]:
    found = [content["schema"] for content in operation.get("requestBody", {}).get("content", {}).values()]
    return [*found, *(one["items"] for one in found if "items" in one)]
