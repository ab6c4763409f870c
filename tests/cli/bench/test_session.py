"""Everything measured once, on real Docker: that nothing of it stays is a part of the report."""

from __future__ import annotations

import pytest

from orchestrator.cli.bench.session import (
    API_BRIDGE,
    API_SAME,
    COLD,
    DOCKER_RUN,
    NODE_COLD,
    NODE_WARM,
    WARM,
    Plan,
    measure,
)
from orchestrator.cli.commands.bench import docker_command

pytestmark = [
    pytest.mark.docker,
    pytest.mark.timeout(600),
    # an orchestrator outlives the command that starts it
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <function Popen.__del__:pytest.PytestUnraisableExceptionWarning"
    ),
]

ONCE = Plan(samples=1, warm_ups=0, repeats=1, bursts=(2,), width=2, sustained=2, submitted=20, idle_s=0.5, limit_s=500)


@pytest.mark.usefixtures("base_image")
def test_every_system_is_measured_and_nothing_stays_behind() -> None:
    report = measure(ONCE, docker_command(), lambda _: None)
    names = [one.name for one in report.series]
    assert names[7:9] == [NODE_COLD, NODE_WARM]
    assert names[:7] == [DOCKER_RUN, API_BRIDGE, API_SAME, COLD, WARM, "chained call, cold", "chained call, warm"]
    assert {f"2 at once, {DOCKER_RUN}", f"sustained, {WARM}", f"fan-out of 2, {COLD}", "submit"} <= set(names)
    assert set(report.leaks.values()) == {0}
