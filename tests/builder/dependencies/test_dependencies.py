from __future__ import annotations

import pytest

from orchestrator.builder.dependencies.dependencies import CONSTRAINTS, Dependencies
from orchestrator.builder.detect.options import Options
from orchestrator.builder.detect.project import Project, detect
from orchestrator.builder.errors import BadSource
from tests.builder.detect.repos import MAIN, tree_of

BUILD = '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "shop"\ndependencies = ["httpx"]\n'
OLD = "from render_sdk import Workflows\napp = Workflows()\n@app.task\ndef add(a: int): ...\n"


def project_of(files: dict[str, str], command: str = "") -> Project:
    return detect(tree_of({**MAIN, **files}), Options(build_command=command))


def dependencies(files: dict[str, str], command: str = "") -> Dependencies:
    found = project_of(files, command).dependencies
    assert found is not None
    return found


def test_requirements_txt_is_given_to_pip() -> None:
    found = dependencies({"requirements.txt": "httpx\n"})
    assert found.source == "requirements.txt"
    assert found.first == "/opt/venv/bin/python -I -m pip install --no-input -r /run/dependencies/requirements.txt"
    assert (found.then, found.files, found.tools) == ("", {"requirements.txt": "httpx\n"}, ())


def test_a_lock_beside_requirements_txt_is_not_read_and_that_is_said() -> None:
    project = project_of({"requirements.txt": "httpx\n", "pyproject.toml": BUILD, "uv.lock": ""})
    assert project.notes == ("uv.lock is not read: requirements.txt is there",)
    found = project_of({"requirements.txt": "httpx\n", "pyproject.toml": BUILD, "uv.lock": ""}, "uv sync").dependencies
    assert found is not None
    assert "uv sync --locked" in found.first


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"requirements.txt": "# none yet\n"},
        {"requirements.txt": "orchestrator-sdk\n"},
        {"pyproject.toml": "[tool.ruff]\nline-length = 99\n"},
        {"pyproject.toml": '[project]\nname = "shop"\n'},
        {"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\n'},
    ],
)
def test_a_repo_may_have_no_dependencies(files: dict[str, str]) -> None:
    assert project_of(files).dependencies is None


def test_a_repo_that_is_a_package_is_installed_after_what_it_needs() -> None:
    found = dependencies({"pyproject.toml": BUILD}, "pip install .")
    assert found.first.endswith("uv pip install -r pyproject.toml")
    assert found.then.endswith("\nuv pip install --no-deps -e .")


def test_a_package_that_nobody_asks_for_may_fail_to_build() -> None:
    for files in ({"pyproject.toml": BUILD}, {"requirements.txt": "httpx\n", "setup.py": ""}):
        assert "\nuv pip install --no-deps -e . || echo " in dependencies(files).then


def test_what_only_its_build_tells_is_installed_with_it() -> None:
    found = dependencies({"setup.py": ""}, "pip install '.[worker]'")
    assert (found.source, found.first, found.tools) == ("setup.py", "", ("uv",))
    assert found.then.endswith("uv pip install -e '.[worker]'")


def test_a_build_command_may_leave_the_package_out() -> None:
    files = {
        "pyproject.toml": '[tool.poetry]\nname = "main"\n[tool.poetry.dependencies]\na = "*"\n[build-system]\nrequires=["poetry"]'
    }
    assert dependencies(files, "poetry install").then.endswith("\nuv pip install --no-deps -e .")
    assert dependencies(files, "poetry install --no-root").then == ""


def test_a_tool_that_would_ask_an_index_for_our_package_does_not_see_it() -> None:
    poetry = '[tool.poetry.dependencies]\nhttpx = "^1"\nOrchestrator_SDK = "*"\n'
    assert dependencies({"pyproject.toml": poetry}).files == {
        "pyproject.toml": '[tool.poetry.dependencies]\nhttpx = "^1"\n\n'
    }
    pdm = '[project]\ndependencies = ["orchestrator-sdk[client]>=0.1", "httpx"]\n[tool.pdm]\n'
    assert '"orchestrator' not in dependencies({"pyproject.toml": pdm}).files["pyproject.toml"]
    assert dependencies({"pyproject.toml": BUILD}).files == {"orchestrator-excluded.txt": "orchestrator-sdk\n"}


@pytest.mark.parametrize("name", ["environment.yml", "environment.yaml"])
def test_what_only_conda_reads_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadSource, match=f"^{name} is read by conda.*list what it names in requirements.txt"):
        project_of({name: "dependencies: [numpy]"})
    assert dependencies({name: "dependencies: [numpy]", "requirements.txt": "numpy\n"}).source == "requirements.txt"


def test_the_official_package_of_a_lock_gives_way_to_one_that_runs_the_tasks() -> None:
    files = {
        "main.py": OLD,
        "pyproject.toml": '[project]\ndependencies = ["render_sdk>=0.6"]\n',
        "uv.lock": '[[package]]\nname = "render-sdk"\nversion = "1.5.0"\nsource = { registry = "x" }\n',
    }
    project = project_of(files)
    assert project.dependencies is not None
    assert project.dependencies.first.endswith("\nuv pip install 'render_sdk<1'")
    assert "uv.lock has render-sdk 1.5.0, which they would not run on" in project.notes[0]


def test_pip_is_given_the_official_package_as_a_constraint() -> None:
    found = dependencies({"main.py": OLD, "requirements.txt": "render_sdk>=0.6\n"})
    assert found.files[CONSTRAINTS] == "render_sdk<1\n"
    assert found.first.endswith(f"-c /run/dependencies/{CONSTRAINTS}")


def test_where_our_own_package_answers_the_tools_choice_is_taken_out_again() -> None:
    files = {
        "main.py": OLD.replace("()\n@", "(auto_start=True)\n@"),
        "pyproject.toml": '[project]\ndependencies = ["render_sdk>=0.6"]\n',
    }
    assert dependencies(files).first.endswith("\nuv pip uninstall render render-sdk")
