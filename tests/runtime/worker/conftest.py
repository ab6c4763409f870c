"""Endpoints of a worker whose host is the test's own."""

from __future__ import annotations

import pytest

from orchestrator_runtime.worker.protocol import Worker
from tests.runtime.worker.support import FakeHost


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def endpoints(host: FakeHost) -> Worker:
    return Worker(host)
