from __future__ import annotations

import pytest

from orchestrator.builder.dependencies.package_manager import PackageManager, choose
from orchestrator.builder.detect.build_command import installing
from orchestrator.builder.errors import BadSource
from tests.builder.detect.repos import tree_of

PROJECT = '[project]\nname = "shop"\ndependencies = ["httpx"]\n'
POETRY = '[tool.poetry.dependencies]\nhttpx = "^1"\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n'
VIRTUAL = 'source = { virtual = "." }\n'
LOCAL = 'source = { editable = "packages/a" }\n'


def chosen(command: str = "", **files: str) -> PackageManager:
    named = {name.replace("_", ".").replace("..", "/"): text for name, text in files.items()}
    manager = choose(tree_of(named), installing(command))
    assert manager is not None
    return manager


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"pyproject.toml": PROJECT, "uv.lock": VIRTUAL}, "uv"),
        ({"pyproject.toml": PROJECT, "poetry.lock": ""}, "poetry"),
        ({"pyproject.toml": PROJECT, "pdm.lock": ""}, "pdm"),
        ({"Pipfile": "", "Pipfile.lock": "{}"}, "pipenv"),
        ({"pylock.toml": ""}, "pylock"),
        ({"pyproject.toml": PROJECT}, "uv"),
        ({"pyproject.toml": POETRY}, "poetry"),
        ({"pyproject.toml": PROJECT + "[tool.pdm]\n"}, "pdm"),
        ({"Pipfile": ""}, "pipenv"),
    ],
)
def test_the_tool_of_a_repo_is_that_of_its_lock_or_its_manifest(files: dict[str, str], name: str) -> None:
    manager = choose(tree_of(files), installing(""))
    assert manager is not None
    assert manager.name == name


def test_a_repo_may_list_nothing() -> None:
    assert choose(tree_of({"pyproject.toml": "[tool.ruff]\n", "main.py": ""}), installing("")) is None


def test_two_locks_are_refused_until_the_build_command_names_one() -> None:
    files = {"pyproject.toml": PROJECT, "uv.lock": "", "poetry.lock": ""}
    with pytest.raises(BadSource, match=r"^uv.lock and poetry.lock are locks of several tools: .*uv sync$"):
        choose(tree_of(files), installing(""))
    manager = choose(tree_of(files), installing("poetry install"))
    assert manager is not None
    assert manager.name == "poetry"


def test_without_a_word_all_but_what_developers_need_is_installed() -> None:
    assert "uv sync --locked --no-dev\n" in chosen(pyproject_toml=PROJECT, uv_lock=VIRTUAL).first
    assert chosen(pyproject_toml=POETRY, poetry_lock="").first.endswith("--without dev")
    assert "--prod" in chosen(pyproject_toml=PROJECT, pdm_lock="").first


def test_what_the_build_command_chooses_is_installed() -> None:
    command = "uv sync --extra worker --group jobs"
    assert (
        "uv sync --locked --extra worker --group jobs\n"
        in chosen(command, pyproject_toml=PROJECT, uv_lock=VIRTUAL).first
    )
    assert chosen("poetry install -E worker", pyproject_toml=POETRY, poetry_lock="").first.endswith(
        "--compile -E worker"
    )
    assert chosen("pipenv sync --categories jobs", Pipfile="", Pipfile_lock="{}").first.endswith(
        "sync --categories jobs"
    )


def test_a_lock_that_nothing_checks_is_one_that_the_build_command_freezes() -> None:
    first = chosen("uv sync --frozen", pyproject_toml=PROJECT, uv_lock=VIRTUAL).first
    assert "--locked" not in first
    assert "lock --check" not in first


def test_what_lies_in_the_repo_itself_waits_for_its_files() -> None:
    manager = chosen(pyproject_toml=PROJECT, packages__a__pyproject_toml="", uv_lock=VIRTUAL + LOCAL)
    assert "uv sync --frozen --no-install-local --no-dev\n" in manager.first
    assert "uv sync --locked --no-dev\n" in manager.then
    assert manager.installs_itself
    assert manager.manifests == ("pyproject.toml", "packages/a/pyproject.toml", "uv.lock")
    for files in (
        {"pyproject.toml": POETRY, "poetry.lock": 'type = "directory"'},
        {"Pipfile": '[packages]\na = {path = "./a"}'},
    ):
        other = choose(tree_of(files), installing(""))
        assert other is not None
        assert (other.first, bool(other.then)) == ("", True)


def test_without_a_lock_uv_leaves_out_what_every_image_has() -> None:
    manager = chosen("uv sync --extra worker --no-dev", pyproject_toml=PROJECT)
    assert manager.first == (
        "UV_EXCLUDE=/run/dependencies/orchestrator-excluded.txt uv pip install -r pyproject.toml --extra worker"
    )


def test_a_license_file_is_nothing_to_wait_for() -> None:
    assert chosen(pyproject_toml=PROJECT + 'license = {file = "LICENSE"}\n').then == ""


@pytest.mark.parametrize(
    "more",
    [
        '[tool.uv.sources]\nhttpx = {path = "x"}',
        "[tool.uv.sources]\nhttpx = {workspace = true}",
        'dynamic = ["dependencies"]',
    ],
)
def test_without_a_lock_sources_in_the_repo_are_found_there(more: str) -> None:
    assert chosen(pyproject_toml=PROJECT + more).first == ""


def test_what_only_a_lock_knows_is_refused_without_one() -> None:
    with pytest.raises(BadSource, match=r"needs uv\.lock: run `uv lock`, and commit it"):
        chosen("uv sync --all-packages", pyproject_toml=PROJECT)


def test_a_repo_that_is_installed_itself_is_read_by_uv_with_its_extras() -> None:
    manager = chosen("pip install -e '.[worker]'", pyproject_toml=PROJECT, uv_lock=VIRTUAL)
    assert manager.first.endswith("uv pip install -r pyproject.toml --extra=worker")
