"""The public shapes of pausing."""

from __future__ import annotations

from pydantic import Field

from orchestrator.api.schemas.shape import Shape


class Pause(Shape):
    """Why, for whoever sees that it is paused."""

    reason: str = Field("", max_length=500)
