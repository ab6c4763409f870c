"""From a folder to a version that serves; whatever fails, the version before goes on serving."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live_instance import LiveInstance

pytestmark = pytest.mark.docker

GOOD = """
from orchestrator_sdk import Workflows
app = Workflows()
@app.task
def answer() -> int:
    return {value}
if __name__ == "__main__":
    app.start()
"""


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [
        ("print('no tasks here')", "build_failed", "no file of the repo names orchestrator_sdk"),
        ("import orchestrator_sdk", "registration_failed", "app.start()"),
        (
            "from orchestrator_sdk import Workflows\nWorkflows().start()",
            "registration_failed",
            "no tasks were registered",
        ),
        ("import orchestrator_sdk\n\ndef broken(:\n    pass\n", "registration_failed", "SyntaxError"),
        ("import orchestrator_sdk, nothing_like_this\n", "registration_failed", "No module named 'nothing_like_this'"),
        (
            "import orchestrator_sdk\n\nraise RuntimeError('at import')\n",
            "registration_failed",
            "RuntimeError: at import",
        ),
        (
            GOOD.format(value=1).replace("app.task", "app.task(timeout_seconds=5)"),
            "registration_failed",
            "timeout_seconds is 5",
        ),
        (
            GOOD.format(value=1).replace("app.task", "app.task(plan='huge')"),
            "registration_failed",
            "unknown plan 'huge'",
        ),
    ],
)
def test_code_that_cannot_be_registered_says_what_is_wrong(
    live: LiveInstance, repo: Path, source: str, status: str, said: str
) -> None:
    (repo / "main.py").write_text(source)
    version = live.deploy(repo, "broken")
    assert version["status"] == status
    assert said in version["error"]


def test_a_dependency_that_does_not_exist_is_named(live: LiveInstance, repo: Path) -> None:
    (repo / "main.py").write_text(GOOD.format(value=1))
    (repo / "requirements.txt").write_text("no-such-distribution-anywhere-xyz==1.0\n")
    version = live.deploy(repo, "missing-dependency")
    assert version["status"] == "build_failed"
    assert "no-such-distribution-anywhere-xyz" in version["error"]


def test_an_app_that_is_never_started_is_started(live: LiveInstance, repo: Path) -> None:
    (repo / "main.py").write_text(GOOD.format(value=4).replace("    app.start()", "    pass"))
    version = live.deploy(repo, "unstarted")
    assert version["status"] == "ready", version["error"]


def test_a_failed_deploy_leaves_the_version_before_serving(live: LiveInstance, repo: Path) -> None:
    (repo / "main.py").write_text(GOOD.format(value=1))
    assert live.deploy(repo, "steady")["status"] == "ready"
    (repo / "main.py").write_text("import orchestrator_sdk, broken_on_purpose\n")
    assert live.deploy(repo, "steady")["status"] == "registration_failed"
    assert live.client().run("steady/answer", []).results == [1]


def test_new_runs_take_the_new_version_and_an_older_one_can_be_named(live: LiveInstance, repo: Path) -> None:
    for value in (1, 2):
        (repo / "main.py").write_text(GOOD.format(value=value))
        assert live.deploy(repo, "versions")["status"] == "ready"
    client = live.client()
    assert client.run("versions/answer", []).results == [2]
    assert client.run("versions/answer:1", []).results == [1]


PYPROJECT = """
[project]
name = "x"
version = "1"
dependencies = ["six==1.17.0"]

[tool.orchestrator]
start_command = "python jobs/work.py"
apt = ["tree"]
env = ["TOKEN"]
"""


def test_a_repo_is_deployed_as_its_pyproject_says(live: LiveInstance, repo: Path) -> None:
    (repo / "pyproject.toml").write_text(PYPROJECT)
    (repo / "jobs").mkdir()
    answer = "[six.__version__, os.environ['TOKEN'], shutil.which('tree')]"
    imports = "import os, shutil, six\n"
    (repo / "jobs" / "work.py").write_text(imports + GOOD.format(value=answer).replace("int", "list[str]"))
    version = live.deploy(repo, "with-pyproject")
    assert (version["status"], "TOKEN (pyproject.toml [tool.orchestrator])" in version["error"]) == (
        "build_failed",
        True,
    )
    version = live.deploy(repo, "with-pyproject", env={"TOKEN": "t"})
    assert version["status"] == "ready", version["error"]
    assert live.client().run("with-pyproject/answer", []).results == ["1.17.0", "t", "/usr/bin/tree"]


def test_a_repo_that_imports_render_sdk_and_requires_none_runs_on_our_package_of_that_name(
    live: LiveInstance, repo: Path
) -> None:
    (repo / "main.py").write_text(GOOD.format(value=7).replace("orchestrator_sdk", "render_sdk"))
    assert live.deploy(repo, "from-render")["status"] == "ready"
    assert live.client().run("from-render/answer", []).results == [7]


def test_a_repo_is_deployed_as_its_render_yaml_says(live: LiveInstance, repo: Path) -> None:
    (repo / "render.yaml").write_text(
        "services:\n- type: workflow\n  name: jobs\n  rootDir: jobs\n  startCommand: python work.py\n"
        "  buildCommand: pip install -r deps.txt && echo 5 > made.txt\n"
        "  envVars: [{key: LEVEL, value: 3}, {key: SECRET, generateValue: true}]\n"
    )
    (repo / "jobs").mkdir()
    (repo / "jobs" / "deps.txt").write_text("six==1.17.0\n")
    value = "int(open('made.txt').read()) + int(os.environ['LEVEL']) + len(os.environ['SECRET'])"
    (repo / "jobs" / "work.py").write_text("import os, six\n" + GOOD.format(value=value))
    version = live.deploy(repo, "blueprint")
    assert version["status"] == "ready", version["error"]
    assert live.client().run("blueprint/answer", []).results == [5 + 3 + 44]
    assert live.http().get("/workflows/blueprint").json()["envVarKeys"] == ["SECRET"]


def test_a_requirement_of_the_other_generation_stops_the_deploy_with_the_remedy(live: LiveInstance, repo: Path) -> None:
    (repo / "main.py").write_text(GOOD.format(value=7).replace("orchestrator_sdk", "render_sdk"))
    (repo / "requirements.txt").write_text("render_sdk==1.5.0\n")
    version = live.deploy(repo, "other-generation")
    assert version["status"] == "build_failed"
    assert "requirements.txt asks for render_sdk==1.5.0, and task 'answer' takes no TaskContext" in version["error"]
    assert version["error"].endswith("write render_sdk<1 in its place")


STARTS_ITSELF = """
from render_sdk import Workflows

app = Workflows(auto_start=True)

@app.task(timeout=60)
def double(x: int) -> int:
    return 2 * x

@app.task
async def answer() -> int:
    return await double(4)
"""
VERSION = """
@app.task
def version() -> str:
    import render_sdk
    return render_sdk.__version__
"""
CALLED_GENERATION = """
from render_sdk import Retry, Workflows

app = Workflows()

@app.task(retry=Retry(max_retries=1, wait_duration_ms=100))
def double(x: int) -> int:
    return 2 * x

@app.task
async def answer() -> int:
    return await double(4)

@app.task
def version() -> str:
    import render_sdk
    return render_sdk.__version__

if __name__ == "__main__":
    app.start()
"""
CONTEXT_GENERATION = """
from render import TaskContext, Workflows

app = Workflows()

@app.task
def double(ctx: TaskContext, x: int) -> int:
    return 2 * x

@app.task
async def answer(ctx: TaskContext) -> int:
    return await ctx.run(double, 4)

@app.task
def version(ctx: TaskContext) -> str:
    import render
    return render.__version__

if __name__ == "__main__":
    app.start()
"""


@pytest.mark.parametrize(
    ("source", "requirement", "expected"),
    [
        (CALLED_GENERATION, "render_sdk>=0.6.0", "0."),
        (CONTEXT_GENERATION, "render>=1", "1."),
        (STARTS_ITSELF + VERSION, "render_sdk>=0.2", "0.3."),
    ],
    ids=["called", "context", "auto_start"],
)
def test_each_generation_runs_on_a_version_of_the_official_package_that_fits(
    live: LiveInstance, repo: Path, source: str, requirement: str, expected: str
) -> None:
    (repo / "main.py").write_text(source)
    (repo / "requirements.txt").write_text(requirement)
    version = live.deploy(repo, "official-generation")
    assert version["status"] == "ready", version["error"]
    assert live.client().run("official-generation/answer", []).results == [8]
    [installed] = live.client().run("official-generation/version", []).results
    assert installed.startswith(expected), installed


TEMPLATE = """
from render_sdk.workflows import Options, Retry, start, task

@task
def double(x: int) -> int:
    return 2 * x

@task(options=Options(retry=Retry(max_retries=1, wait_duration_ms=100), timeout_seconds=60, plan="starter"))
async def answer() -> int:
    return await double(4)

if __name__ == "__main__":
    start()
"""


@pytest.mark.parametrize(
    ("source", "requirements"), [(TEMPLATE, "# none"), (STARTS_ITSELF, "# none"), (STARTS_ITSELF, "render_sdk>=0.6.0")]
)
def test_the_forms_of_early_programs_run(live: LiveInstance, repo: Path, source: str, requirements: str) -> None:
    (repo / "main.py").write_text(source)
    (repo / "requirements.txt").write_text(requirements)
    version = live.deploy(repo, "early")
    assert version["status"] == "ready", version["error"]
    assert live.client().run("early/answer", []).results == [8]
