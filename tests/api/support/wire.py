"""What holds for every answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import httpx
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from orchestrator.api.app import ROUTERS
from orchestrator.api.schemas import Problem

_NO_JSON = ("text/event-stream", "text/html", "text/plain", "text/javascript", "text/css")
_OF_USERS = ("input", "results", "schema", "metadata")
_ROWS = ("runs", "spans")
"""Of trees and changes: cells have a place each, so one with nothing to say is null."""


async def check(response: httpx.Response) -> None:
    """The answer is one-line ASCII JSON without nulls, and exactly of the declared shape."""
    if response.headers.get("content-type", "").startswith(_NO_JSON) or response.is_redirect:
        return
    body = await response.aread()
    if response.status_code == HTTPStatus.NO_CONTENT or _is_empty(response):
        assert body == b""
        return
    assert response.headers["content-type"] == "application/json"
    assert body.isascii()
    assert b"\n" not in body
    check_no_nulls(response.json())
    if response.request.url.path != "/openapi.json":
        _check_declared(response, body)


def _is_empty(response: httpx.Response) -> bool:
    """Whether it belongs to a route that says nothing but that it was done."""
    return response.is_success and response.request.method != "GET" and _route(response.request).response_model is None


def check_no_nulls(value: Any, place: str = "$") -> None:
    """No nulls but those of users."""
    assert value is not None, f"{place} is null"
    if isinstance(value, list):
        for index, item in enumerate(value):
            check_no_nulls(item, f"{place}[{index}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            if name not in (*_OF_USERS, *_ROWS):
                check_no_nulls(item, f"{place}.{name}")


def _check_declared(response: httpx.Response, body: bytes) -> None:
    shape: Any = Problem
    if response.is_success:
        route = _route(response.request)
        assert response.status_code == (route.status_code or HTTPStatus.OK)
        shape = route.response_model
    TypeAdapter(shape).validate_json(body, extra="forbid")


def _route(request: httpx.Request) -> APIRoute:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return next(
        route
        for route in routes
        if request.method in (route.methods or ()) and route.path_regex.match(request.url.path)
    )
