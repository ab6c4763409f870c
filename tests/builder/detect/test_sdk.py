from __future__ import annotations

import pytest

from orchestrator.builder.detect import sdk
from orchestrator.builder.detect.options import Options
from orchestrator.builder.detect.project import detect
from orchestrator.builder.errors import NothingToStart
from orchestrator.builder.source.tree import FileTree
from tests.builder.detect.repos import SEED, START, tree_of

WEB = {
    "main.py": "import flask\nfrom django.shortcuts import render\n\nflask.Flask('x').run()\n",
    "requirements.txt": "flask\n",
}


@pytest.mark.parametrize(
    "files",
    [
        {"jobs/a.py": "from orchestrator_sdk import Workflows"},
        {"jobs/a.py": "import os, render_sdk"},
        {"jobs/a.py": "from render.workflows import task"},
        {"jobs/a.py": "def later():\n    import render\n"},
        {"index.ts": 'import { task } from "@renderinc/sdk/workflows"'},
        {"jobs/a.py": 'socket = os.environ["RENDER_SDK_SOCKET_PATH"]'},
        {"uv.lock": '[[package]]\nname = "render-sdk"\n'},
    ],
)
def test_an_sdk_is_named_by_what_imports_it_and_by_lists_of_dependencies(files: dict[str, str]) -> None:
    assert sdk.is_named(tree_of({**WEB, **files}))


def test_a_program_of_another_kind_names_none() -> None:
    assert not sdk.is_named(tree_of(WEB))


@pytest.mark.parametrize("path", ["large.py", "vendor/jobs-1.0-py3-none-any.whl", "jobs.so"])
def test_what_was_not_read_may_name_one(path: str) -> None:
    tree = tree_of(WEB)
    assert sdk.is_named(FileTree({**tree.digests, path: ""}, tree.texts))


def test_a_project_knows_whether_its_repo_names_one() -> None:
    assert detect(tree_of({"main.py": SEED + START})).names_sdk
    web = detect(tree_of(WEB))
    assert not web.names_sdk
    assert web.doubt.startswith(
        "main.py would be started, but no file of the repo names orchestrator_sdk or render_sdk"
    )


@pytest.mark.parametrize("asked", ["--start-command", "render.yaml"])
def test_what_somebody_says_is_to_be_started_is_not_doubted(asked: str) -> None:
    blueprint = {"render.yaml": "services: [{type: workflow, name: a, startCommand: python main.py}]"}
    files, command = (WEB, "main.py") if asked == "--start-command" else ({**WEB, **blueprint}, "")
    assert detect(tree_of(files), Options(command)).doubt == ""


def test_an_app_of_a_package_of_ones_own_is_not_doubted() -> None:
    project = detect(tree_of({"main.py": "from ours import app\n\napp.start()\n", "requirements.txt": "ours"}))
    assert (project.names_sdk, project.doubt) == (False, "")


def test_a_dockerfile_beside_programs_of_another_kind_is_another_services() -> None:
    with pytest.raises(NothingToStart, match="no file of the repo names"):
        detect(tree_of({"server.py": "import flask", "Dockerfile": "FROM python:3.12-slim\n"}))


def test_what_the_image_of_a_dockerfile_has_is_not_known() -> None:
    assert detect(tree_of({"server.go": "", "Dockerfile": "FROM python:3.12-slim\n"})).names_sdk
