"""The host's end of containers' lines, as it runs in an orchestrator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.channel.lines.line_channel import LineChannel


@pytest.fixture
async def channel(home: Path) -> AsyncIterator[LineChannel]:
    """One whose folders are there for whoever connects on this host."""
    channel = LineChannel(home / "lines", b"secret", is_mounted=False)
    running = asyncio.get_running_loop().create_task(channel.run(), name="channel")
    yield channel
    running.cancel()
    await asyncio.wait([running])
