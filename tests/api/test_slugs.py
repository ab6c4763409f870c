from __future__ import annotations

from orchestrator.api.deps import Services
from orchestrator.api.slugs import Slugs
from orchestrator.core.workflow import Version


async def test_a_slug_is_remembered_when_its_workflow_is_gone(services: Services, maths: Version) -> None:
    slugs = Slugs(services.workflows)
    assert await slugs.find(maths.workflow_id) == "maths"
    await services.workflows.delete(await services.workflows.get("maths"))
    assert await slugs.find(maths.workflow_id) == "maths"
    assert await Slugs(services.workflows).find(maths.workflow_id) is None
