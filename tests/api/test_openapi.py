"""What the API says of itself, and whether it is true."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from orchestrator.api.openapi import complete
from tests.api.conftest import KEY
from tests.api.support.serving import serving
from tests.effort import is_quick

_STREAMS = "events|changes|subscribe|workflowversions/.*/logs"  # they end when what they follow does
_EFFORT = ("--phases", "fuzzing", "--max-examples", "1" if is_quick() else "5")
_OPINIONS = "positive_data_acceptance,negative_data_rejection"
"""A cursor or an id that matches its pattern need not exist, and null is as good as absent."""


def test_every_definition_is_where_references_look_for_it(app: FastAPI) -> None:
    schema = app.openapi()
    referred = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schema)))
    assert "$defs" not in json.dumps(schema)
    assert referred - schema["components"]["schemas"].keys() == set()


async def test_it_is_worked_out_beside_the_event_loop(app: FastAPI, api: httpx.AsyncClient) -> None:
    made_in: list[threading.Thread] = []
    make = app.openapi

    def noted() -> dict[str, Any]:
        made_in.append(threading.current_thread())
        return make()

    app.openapi = noted  # type: ignore[method-assign]
    assert (await api.get("/openapi.json")).json() == make()
    assert made_in
    assert threading.current_thread() not in made_in


def test_health_needs_no_key_and_the_rest_does() -> None:
    schema = complete({"paths": {path: {"get": {}} for path in ("/healthz", "/readyz", "/v1/status")}})
    assert schema["security"] == [{"key": []}]
    assert [path for path, one in schema["paths"].items() if "security" in one["get"]] == ["/healthz", "/readyz"]


async def test_answers_keep_what_the_schema_promises_whatever_is_asked(app: FastAPI, tmp_path: Path) -> None:
    """Schemathesis asks for everything that the schema allows, and for much that it does not."""
    async with serving(app) as url:
        asking = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "schemathesis.cli", "run", f"{url}/openapi.json", "-H", f"Authorization: Bearer {KEY}"),
            *(*_EFFORT, "--exclude-path-regex", _STREAMS, "--exclude-checks", _OPINIONS),
            *("--seed", "1", "--generation-database", "none", "--warnings", "off", "--no-color"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=tmp_path,  # it keeps what it found beside where it is started
        )
        output, _ = await asking.communicate()
    assert asking.returncode == 0, output.decode()
