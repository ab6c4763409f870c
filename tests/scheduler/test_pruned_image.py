"""An image that somebody removed costs no run an attempt."""

from __future__ import annotations

from orchestrator.core.run import FailureClass, Status
from tests.scheduler.conftest import IMAGE, Instance
from tests.scheduler.shim_program import Task
from tests.wait import wait_until


async def double(task: Task, x: int) -> int:
    return 2 * x


async def test_a_run_waits_for_its_image_without_using_up_attempts(idle_instance: Instance) -> None:
    await idle_instance.register({"double": double})
    program = idle_instance.programs.pop(IMAGE)
    await idle_instance.start()
    run_id = await idle_instance.submit("double", 4)

    async def is_asked_for() -> bool:
        return await idle_instance.context.workflows.builds.next(timeout_s=0.1) is not None

    await wait_until(is_asked_for, "the image to be asked for")
    waiting = await idle_instance.in_status(run_id, Status.BACKOFF)
    assert (waiting.attempts, waiting.infra_failures) == ((), 0)
    assert waiting.waits_for == "its image, which was removed from this host and is being built again"
    idle_instance.programs[IMAGE] = program
    ended = (await idle_instance.ended(run_id)).run
    assert (ended.status, len(ended.attempts), ended.waits_for) == (Status.COMPLETED, 1, None)


async def test_a_run_whose_image_cannot_be_built_again_fails_with_the_reason(idle_instance: Instance) -> None:
    await idle_instance.register({"double": double})
    assert idle_instance.version is not None
    del idle_instance.programs[IMAGE]
    context = idle_instance.context
    await context.workflows.builds.failed_again(idle_instance.version.id, "no network", now_ms=context.now_ms())
    await idle_instance.start()
    failed = (await idle_instance.ended(await idle_instance.submit("double", 4))).run
    assert (failed.status, len(failed.attempts)) == (Status.FAILED, 1)
    assert failed.failure is not None
    assert failed.failure.cls is FailureClass.INFRA
    assert failed.failure.message.endswith("could not be built again: no network")
