"""What is sent to Docker, field by field.

The golden file is the whole body for one container; a change of it is a change of what user code may do, and is read as such.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.core.container.spec import (
    ContainerDefaults,
    ContainerIdentity,
    ContainerSpec,
    Mount,
    Role,
    compile_spec,
)
from orchestrator.core.plans import MIB, PLANS, Plan
from orchestrator.engine.docker.create_body import SECCOMP_FILE, create_body

GOLDEN = Path(__file__).parent / "golden" / "create_body.json"

SPEC = compile_spec(
    ContainerIdentity("a1b2", Role.ATTEMPT, "0123456789abcdef", run_id="trn-1", attempt=2, fence=7),
    "workflow:1",
    PLANS["starter"],
    {"ORCHESTRATOR_MODE": "run"},
    ContainerDefaults("orc-a1b2", (Mount("/data/channel", "/run/orchestrator"),), ("python", "-I", "shim.py"), "/app"),
)


def test_the_body_is_the_golden_one() -> None:
    body = create_body(SPEC)
    assert json.loads(body["HostConfig"]["SecurityOpt"][1].removeprefix("seccomp=")) == json.loads(
        SECCOMP_FILE.read_text()
    )
    body["HostConfig"]["SecurityOpt"][1] = "seccomp=<seccomp.json>"
    assert body == json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
def test_a_plan_is_an_exact_cap_without_swap(plan: Plan) -> None:
    spec = replace(SPEC, cpu_millis=plan.cpu_millis, memory_bytes=plan.memory_bytes)
    host = create_body(spec)["HostConfig"]
    assert host["CpuQuota"] / host["CpuPeriod"] == spec.cpu_millis / 1000
    assert host["Memory"] == host["MemorySwap"] == spec.memory_bytes
    assert "NanoCpus" not in host


def test_shared_memory_grows_with_the_plan_from_dockers_default() -> None:
    def shm_bytes(spec: ContainerSpec) -> object:
        return create_body(spec)["HostConfig"]["ShmSize"]

    assert shm_bytes(replace(SPEC, memory_bytes=64 * MIB)) == 64 * MIB
    assert shm_bytes(replace(SPEC, memory_bytes=2048 * MIB)) == 512 * MIB


@pytest.mark.parametrize(("plan", "shares"), [("starter", 512), ("standard", 1024), ("pro_ultra", 16_384)])
def test_what_cpu_there_is_goes_by_plan_when_all_want_more(plan: str, shares: int) -> None:
    assert create_body(replace(SPEC, cpu_millis=PLANS[plan].cpu_millis))["HostConfig"]["CpuShares"] == shares


def test_a_container_is_below_the_cgroup_of_its_instance_where_there_is_one() -> None:
    assert "CgroupParent" not in create_body(SPEC)["HostConfig"]
    assert create_body(SPEC, "/orc-a1b2")["HostConfig"]["CgroupParent"] == "/orc-a1b2"


def test_a_runtime_is_named_only_when_chosen() -> None:
    assert "Runtime" not in create_body(SPEC)["HostConfig"]
    assert create_body(replace(SPEC, runtime="runsc"))["HostConfig"]["Runtime"] == "runsc"
