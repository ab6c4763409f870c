from __future__ import annotations

import pytest

from orchestrator.builder.dependencies.dependencies import Dependencies
from orchestrator.builder.detect.project import detect
from tests.builder.detect.repos import MAIN, tree_of


def dependencies(**files: str) -> Dependencies | None:
    named = {name.replace("_txt", ".txt").replace("_toml", ".toml"): text for name, text in files.items()}
    return detect(tree_of({**MAIN, **named})).dependencies


def test_requirements_txt_is_given_to_pip() -> None:
    assert dependencies(requirements_txt="httpx\n") == Dependencies(
        "requirements.txt", "requirements.txt", {"requirements.txt": "httpx\n"}
    )


def test_requirements_txt_outranks_pyproject() -> None:
    found = dependencies(requirements_txt="httpx\n", pyproject_toml='[project]\ndependencies = ["rich"]')
    assert found is not None
    assert found.source == "requirements.txt"


@pytest.mark.parametrize("build", ["", '[build-system]\nrequires = ["hatchling"]\n'])
def test_of_pyproject_only_the_listed_dependencies_are_installed(build: str) -> None:
    text = build + '[project]\nname = "shop"\ndependencies = ["httpx>=0.28", "orchestrator-sdk"]\n'
    assert dependencies(pyproject_toml=text) == Dependencies(
        "pyproject.toml", "requirements.txt", {"requirements.txt": "httpx>=0.28\n"}
    )


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"requirements_txt": "# none yet\n"},
        {"requirements_txt": "orchestrator-sdk\n"},
        {"pyproject_toml": "[tool.ruff]\nline-length = 99\n"},
        {"pyproject_toml": '[project]\nname = "shop"\n'},
        {"pyproject_toml": '[tool.poetry.dependencies]\npython = "^3.11"\n'},
    ],
)
def test_a_repo_may_have_no_dependencies(files: dict[str, str]) -> None:
    assert dependencies(**files) is None


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "httpx\nrender_sdk>=0.6,<1\n"},
        {"pyproject.toml": '[project]\nname = "x"\ndependencies = ["httpx", "render_sdk>=0.6,<1"]\n'},
    ],
)
def test_the_official_package_is_installed_as_asked(files: dict[str, str]) -> None:
    project = detect(tree_of({"main.py": "app.start()", **files}))
    assert project.dependencies is not None
    assert "".join(project.dependencies.files.values()) == "httpx\nrender_sdk>=0.6,<1\n"
    assert project.notes == ()
