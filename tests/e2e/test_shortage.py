"""All run containers together have a limit of memory: who dies of it, within its own plan, is tried again and not charged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.plans import MIB
from orchestrator.host import cgroup
from tests.live_instance import LiveInstance, while_up
from tests.wait import LIMIT_S

pytestmark = pytest.mark.docker

GREEDY = Path(__file__).parent / "greedy"


@pytest.fixture
def crowded(tmp_path_factory: pytest.TempPathFactory, docker_client: Any, base_image: str) -> Iterator[LiveInstance]:
    """All containers together have 160 MiB, and the plan of each 512."""
    limit = {"ORCHESTRATOR_MEMORY_LIMIT_BYTES": str(160 * MIB), "ORCHESTRATOR_CAPACITY_CPUS": "8"}
    for instance in while_up(LiveInstance(tmp_path_factory.mktemp("crowded"), limit), docker_client):
        if "plan has" in instance.client().status().info["a run reserves"]:
            pytest.skip("this host does not allow a limit over all containers")
        yield instance
    assert list(cgroup.ROOT.glob(f"*/*{instance.data_dir.instance()}*")) == [], "the cgroup is left"


def test_who_dies_because_all_together_had_no_memory_left_is_tried_again_and_not_charged(crowded: LiveInstance) -> None:
    assert crowded.deploy(GREEDY, "greedy")["status"] == "ready"
    client = crowded.client()
    runs = [client.start("greedy/hold", [100, 2.0]) for _ in range(2)]
    assert [client.wait(run.id, timeout_s=LIMIT_S).results for run in runs] == [[100], [100]]
    with crowded.http() as http:
        details = [http.get(f"/task-runs/{run.id}").json() for run in runs]
    failures = [one["failure"] for run in details for one in run["attempts"] if one.get("failure")]
    assert failures, "one had to give way"
    assert {failure["class"] for failure in failures} == {"infra"}
    assert all("within its plan" in failure["message"] for failure in failures)
