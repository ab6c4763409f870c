"""What programs written for ``render_sdk`` import, kept working on this orchestrator.

Only found where the official package is not installed: its place is the last one on the path.
"""

from __future__ import annotations

from orchestrator_sdk import TaskContext, TaskRunMetadata
from orchestrator_sdk.generics import TYPE_CHECKING
from render_sdk.workflows import Options, Retry, Workflows, start, task

if TYPE_CHECKING:
    from typing import Any

    from render_sdk.render import Render, RenderAsync

__version__ = "0.6.0"
"""Of the official package whose names these are."""

__all__ = [
    "Options",
    "Render",
    "RenderAsync",
    "Retry",
    "TaskContext",
    "TaskRunMetadata",
    "Workflows",
    "start",
    "task",
]


def __getattr__(name: str) -> Any:
    if name not in ("Render", "RenderAsync"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("render_sdk.render"), name)
