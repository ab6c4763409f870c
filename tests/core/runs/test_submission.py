from __future__ import annotations

from orchestrator.core.runs.retry import DEFAULT_RETRY
from orchestrator.core.runs.run import Call
from orchestrator.core.runs.submission import RunLimits, chained_run, root_run
from orchestrator.core.tasks import TaskSpec
from orchestrator.core.workflow import Version, VersionStatus
from tests.core.sample_runs import NOW_MS, a_running_run

TASK = TaskSpec("tsk-2", "square", "starter", 60, DEFAULT_RETRY, ())
VERSION = Version("wfv-2", "wfl-2", 1, VersionStatus.READY, "sha256:1", "main.py", {}, (TASK,), 0)


def test_a_root_is_its_own_tree_and_queued_now() -> None:
    run = root_run("trn-5", VERSION, TASK, now_ms=NOW_MS)
    assert (run.root_id, run.depth, run.call, run.due_at_ms) == ("trn-5", 0, None, NOW_MS)
    assert (run.workflow_id, run.version_id, run.task_id) == ("wfl-2", "wfv-2", "tsk-2")


def test_the_deadline_counts_from_the_submission() -> None:
    run = root_run("trn-5", VERSION, TASK, now_ms=NOW_MS, limits=RunLimits(queue_ttl_s=3, deadline_s=60))
    assert (run.queue_ttl_s, run.expires_at_ms) == (3, NOW_MS + 60_000)


def test_a_chained_run_belongs_to_its_parents_tree_and_version() -> None:
    parent = a_running_run(depth=2, queue_ttl_s=7)
    child = chained_run("trn-6", parent, 4, TASK, now_ms=NOW_MS)
    assert (child.root_id, child.depth, child.call) == (parent.root_id, 3, Call(parent.id, 0, 4))
    assert (child.version_id, child.queue_ttl_s, child.expires_at_ms) == (parent.version_id, 7, None)
