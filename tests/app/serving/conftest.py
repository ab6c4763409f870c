from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.app.support.serving import Stream


@pytest.fixture
async def opened() -> AsyncIterator[list[Stream]]:
    streams: list[Stream] = []
    yield streams
    for _, writer in streams:
        writer.transport.abort()
