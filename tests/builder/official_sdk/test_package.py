"""Requirements as they are found in the wild, and what becomes of them."""

from __future__ import annotations

import pytest

from orchestrator.builder.dependencies import dependencies
from orchestrator.builder.dependencies.dependencies import CONSTRAINTS
from orchestrator.builder.detect.build_command import Installing
from orchestrator.builder.errors import BadSource
from orchestrator.builder.official_sdk import generation
from orchestrator.builder.source.tree import FileTree

OLD = "from render_sdk import Workflows\napp = Workflows()\n@app.task\ndef add(a: int): ...\n"
NEW = "from render_sdk import TaskContext, Workflows\napp = Workflows()\n@app.task\ndef add(ctx: TaskContext): ...\n"
AUTO = OLD.replace("()\n@", "(auto_start=True)\n@")


def fitted(source: str, **files: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """What pip is given, and the notes."""
    named = {"main.py": source} | {name.replace("_", "."): text for name, text in files.items()}
    tree = FileTree({name: "-" for name in named}, named)
    found, notes = dependencies.read(tree, Installing(), generation.find(tree))
    return (dict(found.files) if found else {}), notes


@pytest.mark.parametrize(
    "line",
    [
        "render_sdk", "render-sdk>=0.5", "render_sdk>=0.6.0", "Render.SDK[all]>=0.6,!=0.7", "render_sdk>0.5 ; python_version > '3'",
        "render_sdk>=0.6.0  # pinned later", "render-sdk<2",
    ],
)  # fmt: skip
def test_code_before_1_narrows_a_requirement_that_is_open_above(line: str) -> None:
    files, notes = fitted(OLD, requirements_txt=line)
    assert files[CONSTRAINTS] == "render_sdk<1\n"
    assert notes == ("render_sdk<1 is installed, because task 'add' takes 'a' first, and no TaskContext (main.py:4)",)


@pytest.mark.parametrize("line", ["render_sdk==0.8.0", "render_sdk>=0.6,<1", "render-sdk~=0.7", "render_sdk==0.6.*"])
def test_a_requirement_that_fits_is_left_alone(line: str) -> None:
    assert fitted(OLD, requirements_txt=line) == ({"requirements.txt": line + "\n"}, ())


@pytest.mark.parametrize(
    "line", ["render_sdk", "render>=1", "render_sdk>=0.6.0", "render_sdk~=1.0", "render==1.7.3", "render_sdk>1.5"]
)
def test_code_since_1_takes_the_newest_anyway(line: str) -> None:
    assert fitted(NEW, requirements_txt=line) == ({"requirements.txt": line + "\n"}, ())


@pytest.mark.parametrize(
    ("source", "line", "remedy"),
    [
        (OLD, "render_sdk==1.2.0", "write render_sdk<1 in its place"),
        (OLD, "render>=1", "write render_sdk<1 in its place"),
        (OLD, "render", "write render_sdk<1 in its place"),
        (OLD, "render_sdk~=1.0", "write render_sdk<1 in its place"),
        (NEW, "render_sdk==0.8.0", "write render>=1 in its place"),
        (NEW, "render_sdk<1", "write render>=1 in its place"),
    ],
)
def test_a_requirement_that_rules_the_era_out_stops_the_deploy(source: str, line: str, remedy: str) -> None:
    with pytest.raises(BadSource) as stopped:
        fitted(source, requirements_txt="httpx\n" + line)
    message = str(stopped.value)
    assert message.startswith(f"requirements.txt asks for {line}, and task 'add'")
    assert "(main.py:4)" in message
    assert message.endswith(remedy)


def test_the_file_that_has_the_line_is_named() -> None:
    with pytest.raises(BadSource, match=r"^base\.txt asks for render>=1"):
        fitted(OLD, requirements_txt="-r base.txt", base_txt="render>=1")
    with pytest.raises(BadSource, match=r"^pyproject\.toml asks for render>=1"):
        fitted(OLD, pyproject_toml='[project]\ndependencies = ["render>=1"]')


def test_what_is_not_certain_stops_nothing() -> None:
    only_a_name = OLD.replace("a: int", "ctx")
    assert fitted(only_a_name, requirements_txt="render_sdk<1") == ({"requirements.txt": "render_sdk<1\n"}, ())


def test_a_repo_that_requires_no_official_package_gets_none() -> None:
    assert fitted(OLD) == ({}, ())
    assert fitted(OLD, requirements_txt="httpx") == ({"requirements.txt": "httpx\n"}, ())


def test_an_address_is_taken_as_it_is() -> None:
    line = "render_sdk @ git+https://example.org/sdk@v1"
    assert fitted(OLD, requirements_txt=line) == ({"requirements.txt": line + "\n"}, ())


def test_code_that_starts_by_itself_gets_a_version_that_does() -> None:
    files, notes = fitted(AUTO, requirements_txt="render_sdk>=0.2")
    assert files[CONSTRAINTS] == "render_sdk<0.4\n"
    assert "Workflows(auto_start=True) starts by itself (main.py:2)" in notes[0]


@pytest.mark.parametrize("line", ["render_sdk>=0.6.0", "render_sdk==1.5.0", "render>=1"])
def test_where_no_admitted_version_starts_by_itself_our_own_package_answers(line: str) -> None:
    files, notes = fitted(AUTO, requirements_txt=f"httpx\n{line}")
    assert files == {"requirements.txt": "httpx\n"}
    assert notes[0].startswith(
        f"{line} is not installed, because Workflows(auto_start=True) starts by itself (main.py:2)"
    )


def test_our_own_package_also_has_the_old_name_of_the_timeout() -> None:
    files, notes = fitted(OLD.replace("@app.task", "@app.task(timeout=9)"), requirements_txt="httpx\nrender_sdk>=0.6")
    assert files == {"requirements.txt": "httpx\n"}
    assert "now timeout_seconds= (main.py:4), which 0.5 removed" in notes[0]


UV_LOCK = """
version = 1
[[package]]
name = "render-sdk"
version = "{version}"
source = {{ registry = "index" }}
[[package]]
name = "six"
version = "1.17.0"
source = {{ registry = "index" }}
"""
PROJECT = '[project]\nname = "x"\ndependencies = ["render-sdk{specifier}", "six"]\n'


def locked(source: str, specifier: str, version: str) -> tuple[str, ...]:
    texts = {"pyproject_toml": PROJECT.format(specifier=specifier), "uv_lock": UV_LOCK.format(version=version)}
    return fitted(source, **texts)[1]


def test_a_lock_that_fits_says_which_official_package() -> None:
    assert locked(OLD, ">=0.6.0", "0.7.0") == ()


def test_a_lock_of_the_other_era_is_set_aside_for_that_one_package() -> None:
    (note,) = locked(OLD, ">=0.6.0", "1.5.0")
    assert note.startswith("render_sdk<1 is installed")
    assert note.endswith("(main.py:4): uv.lock has render-sdk 1.5.0, which they would not run on")


def test_a_lock_of_the_other_era_stops_the_deploy_where_the_project_admits_no_other() -> None:
    with pytest.raises(BadSource, match=r"pyproject.toml asks for render-sdk==1\.5\.0"):
        locked(OLD, "==1.5.0", "1.5.0")
