"""A short round of chaos; `make chaos` plays longer ones."""

from __future__ import annotations

import os

import pytest

from tests.chaos.suite import play

pytestmark = [pytest.mark.docker, pytest.mark.timeout(400)]
RUNS = 50
DURATION_S = 18.0


def test_no_fault_costs_a_run(base_image: str) -> None:
    told: list[str] = []
    outcome = play(int(os.environ.get("CHAOS_SEED", "7")), runs=RUNS, duration_s=DURATION_S, tell=told.append)
    assert outcome.is_good, (outcome.seed, told, outcome.report)
    if outcome.left_out:
        pytest.skip(f"the rest was good; left out: {outcome.left_out}")
