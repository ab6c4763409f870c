from __future__ import annotations

import pytest

from orchestrator.builder.detect.options import Options
from orchestrator.builder.detect.project import detect
from orchestrator.builder.errors import BadSource
from tests.builder.detect.repos import MAIN, SEED, START, tree_of


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"pyproject.toml": "[project"}, "not valid TOML"),
        ({"pyproject.toml": '[project]\ndependencies = "httpx"'}, "list of strings"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\nrender = "^1 || ^2"'}, "is not understood"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_way_out(files: dict[str, str], says: str) -> None:
    with pytest.raises(BadSource, match=says):
        detect(tree_of({**MAIN, **files}))


def test_a_src_layout_is_importable() -> None:
    assert detect(tree_of({**MAIN, "pyproject.toml": "", "src/shop/__init__.py": ""})).import_folders == ("src",)


def test_the_folder_of_a_file_that_is_started_is_importable() -> None:
    assert detect(tree_of({"jobs/main.py": SEED + START})).import_folders == ("jobs",)
    assert detect(tree_of({"src/main.py": SEED + START, "pyproject.toml": ""})).import_folders == ("src",)
    assert detect(tree_of({"jobs/main.py": SEED + START}), Options("jobs.main:app")).import_folders == ()


DOCKERFILE = {"Dockerfile": "FROM python:3.12-slim\n"}


def test_a_dockerfile_that_merely_lies_there_is_named_and_not_used() -> None:
    project = detect(tree_of({**MAIN, **DOCKERFILE}))
    assert project.dockerfile is None
    assert project.notes[0].startswith("Dockerfile is not used: name it with --dockerfile")


@pytest.mark.parametrize(
    ("files", "asked"),
    [
        (MAIN, Options(dockerfile="Dockerfile")),
        ({**MAIN, "orchestrator.toml": 'dockerfile = "Dockerfile"'}, Options()),
        ({**MAIN, "render.yaml": "services: [{type: workflow, runtime: docker}]"}, Options()),
        ({"server.go": ""}, Options()),
    ],
)
def test_a_dockerfile_is_used_where_somebody_asks_for_it_or_it_is_the_only_way(
    files: dict[str, str], asked: Options
) -> None:
    project = detect(tree_of({**files, **DOCKERFILE}), asked)
    assert project.dockerfile is not None
    assert (project.dockerfile.path, project.entry_point, project.dependencies) == ("Dockerfile", "", None)


def test_a_dockerfile_leaves_nothing_else_to_install() -> None:
    with pytest.raises(BadSource, match="belong there, as RUN lines"):
        detect(tree_of({**MAIN, **DOCKERFILE}), Options(apt=("git",), dockerfile="Dockerfile"))


def test_a_blueprints_dockerfile_may_lie_beside_its_context() -> None:
    service = "type: workflow, runtime: docker, dockerContext: ./app, dockerfilePath: ./docker/worker.Dockerfile"
    files = {"app/a.py": "", "docker/worker.Dockerfile": "FROM x\n"}
    blueprint = f"services: [{{{service}, dockerCommand: python a.py}}]"
    project = detect(tree_of({**files, "render.yaml": blueprint}))
    assert project.dockerfile is not None
    assert (project.dockerfile.path, project.root, project.entry_point) == (
        "docker/worker.Dockerfile",
        "app",
        "python a.py",
    )


UV_WORKSPACE = {
    "pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
    "packages/a b/pyproject.toml": '[project]\nname = "a"\ndependencies = ["b"]\n[tool.uv.sources]\nb = {workspace = true}\n',
    "packages/a b/main.py": SEED + START,
    "packages/b/pyproject.toml": '[project]\nname = "b"\n',
    "uv.lock": 'source = { editable = "packages/b" }\n',
}


def test_a_member_of_a_uv_workspace_is_installed_and_started_in_its_folder_with_the_whole_around_it() -> None:
    tree = tree_of(UV_WORKSPACE)
    asked = Options(build_command="uv sync --extra x && make", root_dir="packages/a b")
    project = detect(tree, asked)
    assert (project.root, project.digest) == ("", tree.digest())
    assert project.entry_point == "cd 'packages/a b' && main.py"
    assert project.build_command == "cd 'packages/a b' && uv sync --extra x && make"
    assert project.dependencies is not None
    assert project.dependencies.first.startswith("cd 'packages/a b'\n")
    assert "uv sync --locked --extra x\n" in project.dependencies.then
    assert "packages/b/pyproject.toml" in project.dependencies.manifests


def test_a_member_without_the_lock_of_the_whole_is_refused() -> None:
    files = {name: text for name, text in UV_WORKSPACE.items() if name != "uv.lock"}
    with pytest.raises(BadSource, match="run `uv lock`, and commit it"):
        detect(tree_of(files), Options(root_dir="packages/a b"))
