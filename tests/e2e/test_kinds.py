"""Every kind of task, deployed once, run in real containers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.container.user import UIDS
from orchestrator.core.plans import PLANS
from orchestrator_sdk import BadRequestError, Client, NotFoundError, TaskCanceledError, TaskRunDetails, TaskRunError
from tests.live_instance import LiveInstance
from tests.wait import LIMIT_S, until

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def client(kinds: LiveInstance) -> Client:
    return kinds.client()


@pytest.fixture(scope="module", autouse=True)
def overdue(kinds: LiveInstance) -> str:
    """A run of a task that never returns, started first: the other tests need not wait for its timeout of 30 s."""
    return kinds.client().start("kinds/sleeps", [3600]).id


def details(live: LiveInstance, run_id: str) -> dict[str, Any]:
    with live.http() as http:
        return dict(http.get(f"/task-runs/{run_id}").json())


def failed(client: Client, task: str, *arguments: object) -> TaskRunDetails:
    """The run, which is expected to fail."""
    run = client.start(f"kinds/{task}", list(arguments))
    with pytest.raises(TaskRunError):
        client.wait(run.id, timeout_s=LIMIT_S)
    return client.get(run.id)


def printed(client: Client, run_id: str) -> list[str]:
    return [line.message for line in client.logs(run_id)]


# --- what succeeds ---


def test_a_task_returns_its_value(client: Client) -> None:
    assert client.run("kinds/square", [7]).results == [49]


def test_input_may_be_an_object_of_keywords(client: Client) -> None:
    assert client.run("kinds/square", {"number": 2, "power": 5}).results == [32]


def test_a_task_without_arguments_takes_an_empty_list(client: Client) -> None:
    assert client.run("kinds/nothing", []).results == [None]


@pytest.mark.parametrize(
    ("value", "results"),
    [(9, [9]), ([5], [5]), ([], []), ([[5]], [[5]]), ({"a": 1}, [{"a": 1}]), ("ü\u2028", ["ü\u2028"])],
)
def test_a_list_is_the_results_and_anything_else_is_the_only_result(
    client: Client, value: object, results: list[object]
) -> None:
    assert client.run("kinds/echo", [value]).results == results


def test_four_megabytes_go_in_and_come_out(client: Client) -> None:
    text = "x" * (4 * 1024 * 1024 - 100)
    assert client.run("kinds/echo", [text]).results == [text]


def test_chained_runs_run_in_parallel_in_containers_of_their_own(kinds: LiveInstance, client: Client) -> None:
    run = client.run("kinds/sum_squares", [3, 4])
    assert run.results == [25]
    with kinds.http() as http:
        tree = [item["taskRun"] for item in http.get("/task-runs", params={"rootTaskRunId": run.id}).json()]
    assert {node["status"] for node in tree} == {"completed"}
    assert [node["parentTaskRunId"] for node in tree if node["id"] != run.id] == [run.id, run.id]


def test_a_chained_run_can_be_awaited_in_every_way_asyncio_knows(client: Client) -> None:
    assert client.run("kinds/every_way_to_wait", []).results == [1, 4, 9, 16, 25, 36]


def test_runs_nest(client: Client) -> None:
    assert client.run("kinds/countdown", [4]).results == [4]


def test_the_context_names_the_run(client: Client) -> None:
    run = client.run("kinds/who", [])
    assert run.results == [run.id, run.id, None, 0]


def test_a_flaky_task_is_tried_again_after_its_documented_waits(kinds: LiveInstance, client: Client) -> None:
    run = client.run("kinds/succeeds_at_third", [])
    assert run.results == [2]
    attempts = details(kinds, run.id)["attempts"]
    assert [attempt["status"] for attempt in attempts] == ["failed", "failed", "completed"]


def test_a_forked_process_that_returns_does_not_report_twice(client: Client) -> None:
    assert client.run("kinds/forks", []).results == ["parent"]


def test_a_closed_stdout_does_not_matter(client: Client) -> None:
    assert client.run("kinds/closes_stdout", []).results == ["still here"]


def test_a_file_name_that_is_no_unicode_goes_in_through_a_child_and_out(client: Client) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    assert client.run("kinds/passes_on", [name]).results == [b"caf\xe9.txt".hex(), name]


def test_helper_processes_find_what_is_installed_and_what_pythonpath_says(client: Client) -> None:
    found = client.run("kinds/uses_helpers", []).results
    assert found == [{"answers": [2, 3, 4], "flags": ["0", "0"], "argv": ["main.py"]}]


def test_threads_finish_within_the_grace_and_what_does_not_is_named(client: Client) -> None:
    run = client.run("kinds/works_on_in_a_thread", [])
    until(lambda: any("orchestrator:" in line for line in printed(client, run.id)), "the notice", timeout_s=10)
    assert "short done" in printed(client, run.id)
    assert printed(client, run.id)[-1].endswith("thread 'long'")


def test_the_deepest_result_is_delivered(client: Client) -> None:
    (result,) = client.run("kinds/nests", [500]).results
    assert str(result).count("[") == 499


def test_threads_left_behind_do_not_keep_the_container(client: Client, kinds: LiveInstance, docker_client: Any) -> None:
    run = client.run("kinds/leaves_threads", [])
    until(lambda: not _containers(docker_client, run.id), "the container to be gone")


def _containers(docker_client: Any, run_id: str) -> list[Any]:
    return list(docker_client.containers(all=True, filters={"label": f"orchestrator.run={run_id}"}))


# --- what fails ---


def test_an_exception_is_kept_with_type_message_and_traceback(kinds: LiveInstance, client: Client) -> None:
    run = failed(client, "fails")
    failure = details(kinds, run.id)["failure"]
    assert (failure["class"], failure["type"], failure["message"]) == ("error", "ValueError", "boom")
    assert 'raise ValueError("boom")' in failure["traceback"]
    assert "orchestrator" not in failure["traceback"]


def test_a_failed_child_raises_in_its_parent(client: Client) -> None:
    assert client.run("kinds/survives_child", []).results == ["Subtask failed: boom"]


def test_an_error_that_cannot_be_mended_is_not_retried(kinds: LiveInstance, client: Client) -> None:
    run = failed(client, "gives_up")
    assert len(details(kinds, run.id)["attempts"]) == 1


def test_out_of_memory_names_the_plan_and_keeps_the_last_line(kinds: LiveInstance, client: Client) -> None:
    run = failed(client, "hog")
    failure = details(kinds, run.id)["failure"]
    assert failure["class"] == "oom"
    assert "512 MiB of starter's 512 MiB" in failure["message"]
    assert printed(client, run.id)[-1] == "about to use too much"


def test_sys_exit_is_a_failure_with_its_code(kinds: LiveInstance, client: Client) -> None:
    failure = details(kinds, failed(client, "leaves", 3).id)["failure"]
    assert failure["class"] == "exit"
    assert "exit code 3" in failure["message"]


def test_a_task_that_kills_itself_is_told_by_its_signal_and_its_last_words_are_kept(
    kinds: LiveInstance, client: Client
) -> None:
    run = failed(client, "kills_itself")
    assert "SIGKILL" in details(kinds, run.id)["failure"]["message"]
    assert printed(client, run.id)[-1] == "last words"


def test_an_exception_over_a_file_name_that_is_no_unicode_is_told(kinds: LiveInstance, client: Client) -> None:
    run = details(kinds, failed(client, "fails_over_a_file").id)
    assert len(run["attempts"]) == 4
    assert run["failure"]["type"] == "FileNotFoundError"
    assert "caf\\udce9.txt" in run["failure"]["message"]


def test_a_write_beside_the_code_says_where_to_write_and_is_not_repeated(kinds: LiveInstance, client: Client) -> None:
    run = details(kinds, failed(client, "writes_beside_its_code").id)
    assert len(run["attempts"]) == 1
    assert "write below /tmp" in run["failure"]["message"]


def test_a_long_chain_of_exceptions_is_told_from_its_first_to_its_last(kinds: LiveInstance, client: Client) -> None:
    failure = details(kinds, failed(client, "fails_in_a_long_chain").id)["failure"]
    assert failure["message"] == "number 989"
    assert "the first" in failure["traceback"]


def test_a_result_nested_too_deeply_is_refused_with_the_limit(kinds: LiveInstance, client: Client) -> None:
    run = details(kinds, failed(client, "nests", 967).id)
    assert "nested more than 500 levels deep" in run["failure"]["message"]


@pytest.mark.parametrize(
    ("task", "said"), [("not_json", "not JSON serializable"), ("too_large", "the limit is 4194304")]
)
def test_a_result_that_cannot_be_delivered_says_why(kinds: LiveInstance, client: Client, task: str, said: str) -> None:
    assert said in details(kinds, failed(client, task).id)["failure"]["message"]


def test_missing_arguments_are_named_before_anything_runs(client: Client) -> None:
    with pytest.raises(BadRequestError) as refused:
        client.start("kinds/square")
    assert str(refused.value).endswith("'number' is missing; its signature is square(number: int, power: int = 2)")


def test_a_task_that_never_returns_is_stopped_at_its_timeout(kinds: LiveInstance, client: Client, overdue: str) -> None:
    with pytest.raises(TaskRunError):
        client.wait(overdue, timeout_s=LIMIT_S)
    failure = details(kinds, overdue)["failure"]
    assert failure["class"] == "timeout"
    assert "timeout of 30 seconds" in failure["message"]


def test_an_unknown_task_is_named_with_those_that_are_like_it(client: Client) -> None:
    with pytest.raises(NotFoundError, match="did you mean 'square'"):
        client.start("kinds/sqare", [1])


# --- logs ---


def test_all_that_was_printed_is_there_also_at_import(client: Client) -> None:
    run = client.run("kinds/square", [3])
    assert printed(client, run.id) == ["printed at import", "squaring 3"]


def test_a_hundred_megabytes_of_output_harm_nobody_and_end_with_the_last_line(client: Client) -> None:
    run = client.run("kinds/prints", [100], timeout_s=120)
    assert run.results == [100]
    until(lambda: printed(client, run.id)[-1] == "the last line", "the end of the log")


def test_a_long_line_goes_on_in_the_next_ones_with_every_character(client: Client) -> None:
    run = client.run("kinds/prints_a_long_line", [])
    lines = printed(client, run.id)[1:]
    assert "".join(lines) == "x" * 16383 + "€" * 10_000
    assert len(lines) == 2


def test_a_line_is_seen_while_the_task_runs(client: Client) -> None:
    run = client.start("kinds/sleeps", [3600])
    lines = client.logs(run.id, follow=True)
    for line in lines:
        if line.message == "sleeping":
            break
    assert client.get(run.id).status.value == "running"
    client.cancel(run.id)


# --- cancel ---


def test_a_canceled_run_ends_and_its_container_is_gone(client: Client, docker_client: Any) -> None:
    run = client.start("kinds/sleeps", [3600])
    until(lambda: client.get(run.id).status.value == "running", "the run to run")
    client.cancel(run.id)
    with pytest.raises(TaskCanceledError):
        client.wait(run.id, timeout_s=LIMIT_S)
    until(lambda: not _containers(docker_client, run.id), "the container to be gone")


def test_a_canceled_task_cleans_up_with_helpers_that_end_when_told(client: Client) -> None:
    run = client.start("kinds/cleans_up_with_helpers", [])
    until(lambda: "working" in printed(client, run.id), "the task to work")
    client.cancel(run.id)
    with pytest.raises(TaskCanceledError):
        client.wait(run.id, timeout_s=LIMIT_S)
    until(lambda: printed(client, run.id)[-2:] == ["helper ended with -15", "pool gave 28"], "its last words")


def test_a_task_that_ignores_sigterm_is_killed_after_the_grace(client: Client) -> None:
    run = client.start("kinds/ignores_sigterm", [])
    until(lambda: "ignoring" in printed(client, run.id), "the task to ignore SIGTERM")
    client.cancel(run.id)
    with pytest.raises(TaskCanceledError):
        client.wait(run.id, timeout_s=LIMIT_S)


def test_canceling_a_root_cancels_its_whole_tree(kinds: LiveInstance, client: Client) -> None:
    run = client.start("kinds/waits_for_sleepers", [3])

    def tree() -> list[str]:
        with kinds.http() as http:
            listed = http.get("/task-runs", params={"rootTaskRunId": run.id}).json()
        return [item["taskRun"]["status"] for item in listed]

    until(lambda: tree() == ["running"] * 4, "the whole tree to run")
    client.cancel(run.id)
    until(lambda: tree() == ["canceled"] * 4, "the whole tree to be canceled")


# --- isolation ---


def test_user_code_can_neither_write_to_its_image_nor_reach_the_host(client: Client) -> None:
    seen = client.run("kinds/escapes", []).results[0]
    assert seen == {
        "writes_root": False,
        "writes_app": False,
        "writes_runtime": False,
        "writes_tmp": True,
        "docker": False,
        "channel_dir": ["channel.sock", "passwd"],
        "environment": [],
        "capabilities": ["0000000000000000"],
    }


def test_secrets_given_at_deploy_reach_tasks_and_no_answer(kinds: LiveInstance, repo: Path) -> None:
    (repo / "main.py").write_text(
        "import os\nfrom orchestrator_sdk import Workflows\napp = Workflows()\n"
        "@app.task\ndef tell() -> bool:\n    return os.environ['CANARY'] == 'xyzzy-canary'\n"
        "if __name__ == '__main__':\n    app.start()\n"
    )
    version = kinds.deploy(repo, "secretive", env={"CANARY": "xyzzy-canary"})
    assert version["status"] == "ready"
    assert kinds.client().run("secretive/tell", []).results == [True]
    with kinds.http() as http:
        for path in ("/workflows", "/workflowversions", f"/workflowversions/{version['id']}/logs", "/tasks"):
            assert "xyzzy-canary" not in http.get(path).text
    assert "xyzzy-canary" not in json.dumps(version)
    (repo / "main.py").write_text((repo / "main.py").read_text() + "# changed\n")
    assert kinds.deploy(repo, "secretive")["status"] == "ready"
    assert kinds.client().run("secretive/tell", []).results == [True]


# --- plans: last, for the largest waits until nothing else runs ---


@pytest.mark.parametrize("plan", sorted(PLANS))
def test_the_caps_of_every_plan_are_exact_inside_the_container(client: Client, plan: str) -> None:
    seen = client.run(f"kinds/caps_{plan}", []).results[0]
    quota, period = (int(number) for number in seen["cpu"])
    assert int(seen["memory"][0]) == PLANS[plan].memory_bytes
    assert quota * 1000 // period == PLANS[plan].cpu_millis
    assert seen["uid"] in UIDS
