"""The public shapes of the instance itself."""

from __future__ import annotations

from typing import Literal

from orchestrator.api.schemas.shape import Shape


class Status(Shape):
    """How much there is to do: runs waiting for capacity, and runs with an attempt in progress."""

    status: Literal["ok"]
    version: str
    queued: int
    active: int
    info: dict[str, str]


class Health(Shape):
    """The store answers."""

    status: Literal["ok"]


class Welcome(Shape):
    """What this is and how to talk to it, for whoever has no key yet."""

    name: Literal["orchestrator"]
    message: str
    api: str
    description: str
    health: str
    key: str
