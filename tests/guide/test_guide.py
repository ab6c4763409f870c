"""A tutorial that runs. Read it from top to bottom: each test is a step, and builds on nothing but the steps before it.

`live` is an orchestrator that is up (`orchestrator up`), `repo` an empty folder of yours.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator_sdk import TaskCanceledError, TaskRunError
from tests.live_instance import LiveInstance
from tests.wait import until

pytestmark = pytest.mark.docker


def test_1_a_task_is_a_function_with_a_decorator(live: LiveInstance, repo: Path) -> None:
    """Write main.py, deploy the folder, run the task: `orchestrator run greeter/greet '"Ada"'`."""
    (repo / "main.py").write_text("""
from orchestrator_sdk import Workflows

app = Workflows()

@app.task
def greet(name: str, greeting: str = "Hello") -> str:
    print(f"greeting {name}")
    return f"{greeting}, {name}!"

if __name__ == "__main__":
    app.start()
""")
    deployed = live.cli("deploy", str(repo), "--name", "greeter")
    assert deployed.returncode == 0, deployed.stderr
    ran = live.cli("run", "greeter/greet", '"Ada"')
    assert ran.returncode == 0, ran.stderr
    assert "Hello, Ada!" in ran.stdout


def test_2_any_program_can_ask_for_a_run(live: LiveInstance) -> None:
    """Over HTTP; the SDK's Client does it for you. Input is a list, or an object of keywords."""
    client = live.client()
    assert client.run("greeter/greet", ["Ada"]).results == ["Hello, Ada!"]
    assert client.run("greeter/greet", {"name": "Ada", "greeting": "Hi"}).results == ["Hi, Ada!"]
    with live.http() as http:
        accepted = http.post("/task-runs", json={"task": "greeter/greet", "input": ["Grace"]})
        assert accepted.status_code == 202
        assert accepted.json()["status"] == "pending"


def test_3_what_a_task_prints_is_its_log(live: LiveInstance) -> None:
    """`orchestrator runs logs RUN`, live with --follow."""
    client = live.client()
    run = client.run("greeter/greet", ["Ada"])
    assert [line.message for line in client.logs(run.id)] == ["greeting Ada"]


def test_4_a_task_that_calls_a_task_chains_a_run(live: LiveInstance, repo: Path) -> None:
    """The call starts the run at once and gives something to await; gather makes several run side by side."""
    (repo / "main.py").write_text("""
import asyncio
from orchestrator_sdk import Workflows

app = Workflows(default_plan="starter")

@app.task
def word_count(text: str) -> int:
    return len(text.split())

@app.task
async def total_words(texts: list[str]) -> int:
    return sum(await asyncio.gather(*[word_count(text) for text in texts]))

if __name__ == "__main__":
    app.start()
""")
    live.deploy(repo, "words")
    client = live.client()
    run = client.run("words/total_words", [["one two", "three", "four five six"]])
    assert run.results == [6]
    assert len([part for part in client.list(root_run_id=run.id) if part.id != run.id]) == 3


def test_5_a_task_says_how_it_is_retried_and_how_much_it_may_use(live: LiveInstance, repo: Path) -> None:
    """Every attempt gets a fresh container; an error that no retry can mend is a NonRetryableError."""
    (repo / "main.py").write_text("""
from orchestrator_sdk import NonRetryableError, Retry, TaskContext, Workflows

app = Workflows()

@app.task(plan="starter", timeout_seconds=60, retry=Retry(max_retries=2, wait_duration_ms=100, backoff_scaling=2))
def unreliable(context: TaskContext, works_at: int) -> str:
    if works_at < 0:
        raise NonRetryableError("works_at must not be negative")
    if context.attempt < works_at:
        raise ConnectionError("not yet")
    return f"worked at attempt {context.attempt}"

if __name__ == "__main__":
    app.start()
""")
    live.deploy(repo, "unreliable")
    client = live.client()
    assert client.run("unreliable/unreliable", [2]).results == ["worked at attempt 2"]
    with pytest.raises(TaskRunError, match="not yet"):
        client.run("unreliable/unreliable", [3])
    with pytest.raises(TaskRunError, match="must not be negative"):
        client.run("unreliable/unreliable", [-1])


def test_6_a_run_can_be_canceled_with_everything_it_started(live: LiveInstance, repo: Path) -> None:
    """`orchestrator runs cancel RUN`: SIGTERM first, so that cleanup code runs, then SIGKILL."""
    (repo / "main.py").write_text("""
import time
from orchestrator_sdk import Workflows

app = Workflows(default_plan="starter")

@app.task
def wait() -> None:
    try:
        time.sleep(3600)
    finally:
        print("cleaning up")

if __name__ == "__main__":
    app.start()
""")
    live.deploy(repo, "limits")
    client = live.client()
    run = client.start("limits/wait", [])
    until(lambda: client.get(run.id).status.value == "running", "the run to run")
    assert live.cli("runs", "cancel", run.id).returncode == 0
    with pytest.raises(TaskCanceledError):
        client.wait(run.id)
    assert [line.message for line in client.logs(run.id)] == ["cleaning up"]


def test_7_machines_read_json(live: LiveInstance) -> None:
    """Every command that shows something has --json; exit codes mean something."""
    ran = live.cli("run", "greeter/greet", '"Ada"', "--json")
    assert json.loads(ran.stdout)["results"] == ["Hello, Ada!"]
    missing = live.cli("run", "greeter/nothing")
    assert missing.returncode == 4
    assert "its tasks are: greet" in missing.stderr
