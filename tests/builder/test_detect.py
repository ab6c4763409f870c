from __future__ import annotations

import pytest

from orchestrator.builder.dependencies import Dependencies
from orchestrator.builder.detect import detect
from orchestrator.builder.errors import BadSource
from orchestrator.builder.tree import Tree


def tree_of(files: dict[str, str]) -> Tree:
    return Tree({name: "-" for name in files}, files)


MAIN = {"main.py": ""}
START = 'if __name__ == "__main__":\n    app.start()\n'


@pytest.mark.parametrize(
    ("files", "command", "entry_point"),
    [
        (MAIN, None, "main.py"),
        (MAIN, "  ", "main.py"),
        ({"main.py": "", "app.py": START}, None, "main.py"),
        ({"app.py": START, "tasks.py": ""}, None, "app.py"),
        ({"app.py": "", "workflow.py": START}, None, "workflow.py"),
        ({"shop.py": START, "util.py": "x = 1"}, None, "shop.py"),
        ({"src/main.py": START}, None, "src/main.py"),
        (MAIN, "main.py", "main.py"),
        (MAIN, "./main.py", "main.py"),
        (MAIN, "python main.py", "main.py"),
        (MAIN, "python3.12 -u main.py", "main.py"),
        (MAIN, "/usr/bin/python3 main.py", "main.py"),
        (MAIN, "uv run main.py", "main.py"),
        (MAIN, "poetry run python main.py", "main.py"),
        ({"a/b.py": ""}, "a/b.py", "a/b.py"),
        ({"a/b.py": ""}, "a.b:app", "a.b:app"),
        ({"src/a/__init__.py": ""}, "a:flows", "a:flows"),
    ],
)
def test_the_entry_point_is_found(files: dict[str, str], command: str | None, entry_point: str) -> None:
    assert detect(tree_of(files), command).entry_point == entry_point


@pytest.mark.parametrize(
    ("files", "command", "says"),
    [
        ({"lib.py": "x = 1"}, None, "--start-command"),
        ({"lib.py": "# app.start()"}, None, "--start-command"),
        ({"a.py": START, "b.py": START}, None, "a.py and b.py all call"),
        (MAIN, "gunicorn main:app --bind :80", "is not understood"),
        (MAIN, "python -m main", "is not understood"),
        (MAIN, "main", "is not understood"),
        (MAIN, "python 'main.py", "is not understood"),
        ({"app/main.py": ""}, "main.py", "did you mean app/main.py"),
        (MAIN, "../main.py", "not in the repo"),
        (MAIN, "flows:app", "no flows.py"),
    ],
)
def test_without_an_entry_point_the_error_says_how_to_name_it(
    files: dict[str, str], command: str | None, says: str
) -> None:
    with pytest.raises(BadSource, match=says):
        detect(tree_of(files), command)


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
    ("files", "says"),
    [
        ({"Dockerfile": "FROM x"}, "Dockerfile"),
        ({"pyproject.toml": "[project"}, "not valid TOML"),
        ({"pyproject.toml": '[project]\ndynamic = ["dependencies"]'}, "dynamic"),
        ({"pyproject.toml": '[project]\ndependencies = "httpx"'}, "list of strings"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\nhttpx = "^1 || ^2"'}, "is not understood"),
        ({"pyproject.toml": "", "uv.lock": "[[package"}, "uv.lock cannot be read"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_way_out(files: dict[str, str], says: str) -> None:
    with pytest.raises(BadSource, match=says):
        detect(tree_of({**MAIN, **files}))


def test_a_src_layout_is_importable() -> None:
    assert detect(tree_of({**MAIN, "pyproject.toml": "", "src/shop/__init__.py": ""})).import_folders == ("src",)


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
