"""The way to Docker of what looks at it from outside an orchestrator."""

from __future__ import annotations

import os
from typing import Any

import docker


def docker_client(**options: Any) -> Any:
    """docker-py's client of the engine that orchestrators use: of `DOCKER_HOST`, which it does not read by itself."""
    return docker.APIClient(base_url=os.environ.get("DOCKER_HOST"), version="auto", **options)
