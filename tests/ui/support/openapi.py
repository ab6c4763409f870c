"""What the API says of itself, for the page's types: `python -m tests.ui.support.openapi > ui/openapi.json`."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import MagicMock

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services


def described() -> dict[str, Any]:
    """The API's OpenAPI, whatever its version."""
    services = Services(**dict.fromkeys(("runs", "listing", "workflows", "logs", "metrics", "feed", "now_ms"), MagicMock()), api_key=None)
    schema = create_app(services).openapi()
    schema["info"]["version"] = "1"
    return schema


def text() -> str:
    """As it is committed."""
    return json.dumps(described(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201
