from __future__ import annotations

import pytest

from orchestrator.api.deps import Services
from orchestrator.api.requests.filters import task_ids, workflow_ids
from orchestrator.api.requests.refused import Refused
from orchestrator.core.workflow import Version
from orchestrator.store import ids
from orchestrator.store.workflows.store import Unknown
from tests.api.support import deployed

GONE = ids.new_id(ids.WORKFLOW, 1)


async def test_a_slug_stands_for_its_workflow_and_an_id_for_itself(services: Services, maths: Version) -> None:
    assert await workflow_ids(services.workflows, ["maths", GONE]) == {maths.workflow_id, GONE}


async def test_a_task_is_found_by_name_path_and_id(services: Services, maths: Version) -> None:
    square = maths.tasks[0].id
    for name in ("square", "maths/square", square):
        assert await task_ids(services.workflows, [name]) == {square}


@pytest.mark.parametrize("name", ["other/square", "maths/cube", "cube"])
async def test_a_task_that_does_not_exist_is_named(services: Services, maths: Version, name: str) -> None:
    with pytest.raises(Unknown, match=name.split("/")[0] if "other" in name else "cube"):
        await task_ids(services.workflows, [name])


async def test_a_bare_name_is_that_task_in_every_workflow(services: Services, maths: Version) -> None:
    other = await deployed.ready(services, "other", deployed.SQUARE)
    assert await task_ids(services.workflows, ["square"]) == {maths.tasks[0].id, other.tasks[0].id}


async def test_a_version_has_a_parameter_of_its_own(services: Services) -> None:
    with pytest.raises(Refused, match="workflowVersionId"):
        await task_ids(services.workflows, ["maths/square:1"])
