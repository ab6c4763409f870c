"""What the API says of itself, for the page's types: `python -m tests.ui.support.openapi > ui/openapi.json`."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import Any
from unittest.mock import MagicMock

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services


def described() -> dict[str, Any]:
    """The API's OpenAPI, whatever its version."""
    parts: dict[str, Any] = {
        part.name: MagicMock()
        for part in fields(Services)
        if part.default is MISSING and part.default_factory is MISSING
    }
    schema = create_app(Services(**parts)).openapi()
    schema["info"]["version"] = "1"
    return schema


def text() -> str:
    """As it is committed."""
    return json.dumps(described(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201
