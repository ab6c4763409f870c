"""Instances that tests share, with the tasks of `kinds/` deployed once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live_instance import LiveInstance, while_up

KINDS = Path(__file__).parent / "kinds"


@pytest.fixture(scope="session")
def kinds(live: LiveInstance) -> LiveInstance:
    """The instance of all tests, which nobody stops."""
    return _with_kinds(live)


@pytest.fixture(scope="session")
def _to_be_killed(
    tmp_path_factory: pytest.TempPathFactory, docker_client: Any, base_image: str
) -> Iterator[LiveInstance]:
    for instance in while_up(LiveInstance(tmp_path_factory.mktemp("own")), docker_client):
        yield _with_kinds(instance)


@pytest.fixture
def own_kinds(_to_be_killed: LiveInstance) -> LiveInstance:
    """An instance a test may kill or stop: the next test finds it up again."""
    if not _to_be_killed.is_up:
        _to_be_killed.up()
    return _to_be_killed


def _with_kinds(instance: LiveInstance) -> LiveInstance:
    version = instance.deploy(KINDS, "kinds", env={"PYTHONPATH": "lib"})
    assert version["status"] == "ready", version
    return instance
