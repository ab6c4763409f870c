"""The queue of builds: nothing that was taken is lost, and each end is told once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from orchestrator.core.workflow import Source
from orchestrator.store.connection import Client, connect_binary
from orchestrator.store.workflows.builds import Builds, Stop
from orchestrator.store.workflows.store import WorkflowStore
from tests.env_cipher import CIPHER


@pytest.fixture
async def workflows(store: Client, redis_servers: tuple[str, str]) -> AsyncIterator[WorkflowStore]:
    binary = connect_binary(redis_servers[0])
    yield WorkflowStore(store, binary, CIPHER)
    await binary.aclose()


@pytest.fixture
def builds(workflows: WorkflowStore) -> Builds:
    return workflows.builds


async def queued(workflows: WorkflowStore, slug: str = "maths") -> str:
    """The id of a version that was just deployed."""
    _, version = await workflows.deploy(slug, Source("/src"), "main.py", {}, b"\x1f\x8b", now_ms=1)
    return version.id


async def test_a_deploy_is_queued_with_its_source(workflows: WorkflowStore, builds: Builds) -> None:
    version_id = await queued(workflows)
    assert await builds.next(timeout_s=1) == version_id
    assert [piece async for piece in builds.archive(version_id)] == [b"\x1f\x8b"]


async def test_what_was_taken_and_not_finished_comes_first_again_in_its_order(
    workflows: WorkflowStore, builds: Builds
) -> None:
    first, second, third = [await queued(workflows, slug) for slug in ("a", "b", "c")]
    assert [await builds.next(timeout_s=1) for _ in range(2)] == [first, second]
    await builds.requeue()
    assert [await builds.next(timeout_s=1) for _ in range(3)] == [first, second, third]


async def test_what_is_under_way_is_not_queued_again(workflows: WorkflowStore, builds: Builds) -> None:
    version_id = await queued(workflows)
    await builds.next(timeout_s=1)
    await builds.requeue(under_way=[version_id])
    assert await builds.next(timeout_s=0.01) is None


async def test_tries_are_counted_until_the_end_but_for_those_that_were_interrupted(
    workflows: WorkflowStore, builds: Builds
) -> None:
    version_id = await queued(workflows)
    assert [await builds.begin(version_id) for _ in range(2)] == [1, 2]
    await builds.forgive(version_id)
    assert await builds.begin(version_id) == 2
    await builds.done(version_id)
    assert await builds.begin(version_id) == 1


async def test_those_that_were_canceled_or_deleted_are_to_be_stopped(workflows: WorkflowStore, builds: Builds) -> None:
    going_on, canceled = await queued(workflows, "a"), await queued(workflows, "b")
    await builds.cancel(canceled)
    assert await builds.stopped([going_on, canceled, "none"]) == {canceled: Stop.CANCELED, "none": Stop.DELETED}
    assert await builds.stopped([]) == {}


async def test_the_end_of_a_build_forgets_its_source_and_its_cancel(workflows: WorkflowStore, builds: Builds) -> None:
    version_id = await queued(workflows)
    await builds.cancel(version_id)
    await builds.done(version_id)
    assert [piece async for piece in builds.archive(version_id)] == []
    assert await builds.stopped([version_id]) == {}


async def test_an_image_is_asked_for_again_once_however_often(builds: Builds) -> None:
    for _ in range(3):
        assert await builds.again("ver-1", now_ms=1) is None
    assert await builds.next(timeout_s=1) == "ver-1"
    assert await builds.next(timeout_s=0.01) is None


async def test_why_there_is_no_image_is_known_for_a_minute_and_then_tried_anew(builds: Builds) -> None:
    await builds.failed_again("ver-1", "no network", now_ms=1_000)
    assert await builds.again("ver-1", now_ms=60_999) == "no network"
    assert await builds.again("ver-1", now_ms=61_000) is None
    assert await builds.next(timeout_s=1) == "ver-1"
