"""Capacity over crashes: what an attempt holds is learned again from its container, never from memory."""

from __future__ import annotations

from orchestrator.core.capacity import Amount
from orchestrator.core.plans import MIB
from tests.scheduler.conftest import Instance
from tests.scheduler.test_chaining import countdown
from tests.wait import wait_until

ONE_STARTER = Amount(500, 512 * MIB)


async def test_a_parent_that_waits_gives_its_place_to_its_child_also_after_a_crash(idle_instance: Instance) -> None:
    """Whoever adopts it must learn that it waits, or the only place is taken for ever."""
    idle_instance.capacity = ONE_STARTER
    await idle_instance.register({"countdown": countdown})
    await idle_instance.start()
    run_id = await idle_instance.submit("countdown", 6)

    async def three_wait() -> bool:
        return len(await idle_instance.engine.list()) >= 4

    await wait_until(three_wait, "a chain of containers")
    await idle_instance.crash()
    await idle_instance.start()
    assert (await idle_instance.ended(run_id)).result == "6"
