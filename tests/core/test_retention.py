"""Only what is finished and old enough goes, oldest first, and no more than must."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.retention import LEAST_MS, FinishedTree, Held, RetentionPolicy, outdated_trees, outdated_versions
from orchestrator.core.workflow import Source, Version, VersionStatus, Workflow

NOW_MS = 10 * 24 * 3600 * 1000
DAY_MS = 24 * 3600 * 1000

ages = st.integers(0, 9 * DAY_MS)
trees = st.lists(
    st.builds(FinishedTree, st.uuids().map(str), ages.map(lambda age: NOW_MS - age), st.integers(1, 50))
).map(lambda found: sorted(found, key=lambda tree: tree.finished_at_ms))
keeps = st.builds(
    RetentionPolicy, st.sampled_from([0, 0.5, 1, 3]), st.integers(0, 200), st.sampled_from([None, 0, 1000])
)
held = st.builds(Held, st.integers(0, 500), st.integers(0, 2000), st.sampled_from([0, 2400]))


def memory_limit(now: Held, keep: RetentionPolicy) -> float:
    if keep.memory_bytes is None:
        return now.memory_limit_bytes / 2 or math.inf
    return keep.memory_bytes or math.inf


@given(trees, held, keeps)
def test_the_oldest_go_first_and_none_before_its_time(
    oldest: list[FinishedTree], now: Held, keep: RetentionPolicy
) -> None:
    gone = outdated_trees(oldest, now, keep, now_ms=NOW_MS)
    assert gone == oldest[: len(gone)]
    assert all(NOW_MS - tree.finished_at_ms >= LEAST_MS for tree in gone)


@given(trees, held, keeps)
def test_what_stays_is_within_the_limits_or_too_young(
    oldest: list[FinishedTree], now: Held, keep: RetentionPolicy
) -> None:
    gone = outdated_trees(oldest, now, keep, now_ms=NOW_MS)
    stays = [tree for tree in oldest[len(gone) :] if NOW_MS - tree.finished_at_ms >= LEAST_MS]
    if stays:
        assert not keep.runs_days or NOW_MS - stays[0].finished_at_ms < keep.runs_days * DAY_MS
        assert not keep.runs or now.finished_runs - sum(tree.runs for tree in gone) <= keep.runs
        assert now.memory_bytes <= memory_limit(now, keep)


@given(trees, held, keeps)
def test_nothing_goes_that_no_limit_asks_for(oldest: list[FinishedTree], now: Held, keep: RetentionPolicy) -> None:
    """The last tree that went was too old, or without it there were still too many, or memory was short."""
    gone = outdated_trees(oldest, now, keep, now_ms=NOW_MS)
    if gone:
        left = now.finished_runs - sum(tree.runs for tree in gone[:-1])
        assert (
            0 < keep.runs_days * DAY_MS <= NOW_MS - gone[-1].finished_at_ms
            or 0 < keep.runs < left
            or now.memory_bytes > memory_limit(now, keep)
        )


def test_without_limits_all_is_kept() -> None:
    assert outdated_trees([FinishedTree("trn-1", 0, 1)], Held(10**9, 10**12), RetentionPolicy(), now_ms=NOW_MS) == []


def test_the_limits_are_told_in_words() -> None:
    assert str(RetentionPolicy(30, 100_000)) == "finished runs are kept for 30 days, at most 100,000 of them"
    assert str(RetentionPolicy()) == "finished runs are kept for ever"


def a_version(number: int, status: VersionStatus = VersionStatus.READY) -> Version:
    return Version(f"wfv-{number}", "wfl-1", number, status, "", "main.py", {}, (), number)


WORKFLOW = Workflow("wfl-1", "w", "w", Source("/"), "", 0, 0, version_id="wfv-1")


def test_old_versions_go_but_neither_the_newest_nor_the_one_that_serves() -> None:
    versions = [a_version(number) for number in (3, 1, 4, 2, 5)]
    assert [one.number for one in outdated_versions(WORKFLOW, versions, RetentionPolicy(versions=2))] == [3, 2]
    newer = replace(WORKFLOW, version_id="wfv-5")
    assert [one.number for one in outdated_versions(newer, versions, RetentionPolicy(versions=2))] == [3, 2, 1]


def test_a_version_on_its_way_stays() -> None:
    statuses = {VersionStatus.CREATED, VersionStatus.BUILDING, VersionStatus.REGISTERING}
    versions = [a_version(9), *(a_version(number, status) for number, status in enumerate(VersionStatus, 2))]
    gone = outdated_versions(WORKFLOW, versions, RetentionPolicy(versions=1))
    assert {one.status for one in gone} == set(VersionStatus) - statuses


def test_all_versions_are_kept_without_a_limit() -> None:
    assert outdated_versions(WORKFLOW, [a_version(number) for number in range(9)], RetentionPolicy()) == []


def test_each_limit_is_said_in_words() -> None:
    assert RetentionPolicy(30, 100_000, None, 5).in_words() == {
        "age of finished runs": "30 days",
        "finished runs": "100,000",
        "memory": "half of what the store may hold",
        "versions of a workflow": "5",
    }
    assert set(RetentionPolicy(memory_bytes=0).in_words().values()) == {"no limit"}
