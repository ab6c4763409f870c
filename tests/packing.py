"""Packed folders, as bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from orchestrator.builder.source import archive
from orchestrator.core.workflow import SOURCE_BYTES


def pack(path: str | Path, root_dir: str | None = None, limit_bytes: Callable[[], int] = lambda: SOURCE_BYTES) -> bytes:
    """What `archive.pack` writes."""
    into = io.BytesIO()
    archive.pack(path, into, root_dir, limit_bytes)
    return into.getvalue()
