from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.core.container.spec import (
    LABEL_CHANNEL,
    ContainerDefaults,
    ContainerIdentity,
    ContainerState,
    Mount,
    Role,
    compile_spec,
)
from orchestrator.core.plans import GIB, MIB, PLANS

IDENTITY = ContainerIdentity("inst", Role.ATTEMPT, "0123456789abcdef", "trn-1", 2, 3)
DEFAULTS = ContainerDefaults("net", (Mount("/a", "/b"),), ("shim",), "/app")


def test_a_later_attempt_has_another_name() -> None:
    assert IDENTITY.name == "orc-inst-trn-1-2-01234567"
    assert replace(IDENTITY, attempt=3).name != IDENTITY.name


def test_the_labels_say_whose_it_is_and_for_which_claim() -> None:
    assert set(IDENTITY.labels().values()) == {"inst", "attempt", "trn-1", "2", "3", "0123456789abcdef"}


@pytest.mark.parametrize(("plan", "tmp_bytes", "threads"), [("starter", 256 * MIB, "1"), ("pro_plus", 4 * GIB, "4")])
def test_a_plan_says_how_much_there_is_of_everything(plan: str, tmp_bytes: int, threads: str) -> None:
    spec = compile_spec(IDENTITY, "sha256:1", PLANS[plan], {"A": "1"}, DEFAULTS)
    assert (spec.cpu_millis, spec.memory_bytes) == (PLANS[plan].cpu_millis, PLANS[plan].memory_bytes)
    assert (spec.tmp_bytes, spec.env["OMP_NUM_THREADS"], spec.env["A"]) == (tmp_bytes, threads, "1")


def test_what_the_user_sets_outranks_our_defaults() -> None:
    assert compile_spec(IDENTITY, "i", PLANS["starter"], {"HOME": "/x"}, DEFAULTS).env["HOME"] == "/x"


@pytest.mark.parametrize(
    ("state", "has_exited"),
    [
        (ContainerState("c", started_at_ms=1, exit_code=0), True),
        (ContainerState("c", running=True, started_at_ms=1), False),
        (ContainerState("c", exit_code=0), False),
    ],
)
def test_one_that_never_ran_has_not_exited(state: ContainerState, has_exited: bool) -> None:
    assert state.has_exited is has_exited


@pytest.mark.parametrize("label", [LABEL_CHANNEL, "orchestrator.streams"])
def test_the_channel_of_a_container_of_an_earlier_release_is_found(label: str) -> None:
    assert ContainerState("c", {label: "abc"}).channel_id == "abc"


def test_what_has_not_ended_did_not_end_before_anything() -> None:
    ended = ContainerState("c", ended_at_ms=5)
    assert (ended.ended_before(6), ended.ended_before(5), ended.ended_before(None)) == (True, False, False)
    assert not ContainerState("c").ended_before(6)


def test_the_heap_of_node_follows_the_plan_and_the_users_options_come_last() -> None:
    spec = compile_spec(IDENTITY, "i", PLANS["starter"], {}, DEFAULTS)
    assert spec.env["NODE_OPTIONS"] == "--max-old-space-size=384"
    spec = compile_spec(IDENTITY, "i", PLANS["pro"], {"NODE_OPTIONS": "--max-old-space-size=99"}, DEFAULTS)
    assert spec.env["NODE_OPTIONS"] == "--max-old-space-size=3072 --max-old-space-size=99"
