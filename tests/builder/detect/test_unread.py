from __future__ import annotations

import pytest

from orchestrator.builder.detect.project import detect
from orchestrator.builder.detect.unread import notes
from tests.builder.detect.repos import MAIN, tree_of


@pytest.mark.parametrize(
    "path", ["requirements/prod.txt", "worker-requirements.txt", "requirements.in", "environment.yml"]
)
def test_what_looks_like_dependencies_and_is_not_read_is_named_in_one_line(path: str) -> None:
    (note,) = notes(tree_of({**MAIN, path: ""}), ["requirements.txt"] if not path.endswith(".in") else [])
    assert path in note
    assert "pip install -r" in note


@pytest.mark.parametrize(
    "path",
    [
        "requirements.txt",
        "requirements-dev.txt",
        "requirements/tests.txt",
        "docs/requirements.txt",
        "notes.txt",
        "requirements.in",
    ],
)
def test_what_is_read_or_not_for_runs_is_not(path: str) -> None:
    assert notes(tree_of({**MAIN, path: ""}), ["requirements.txt"]) == ()


def test_a_deploy_tells_of_them() -> None:
    files = {
        **MAIN,
        "requirements.txt": "-r requirements/base.txt\n",
        "requirements/base.txt": "",
        "requirements/gpu.txt": "",
    }
    (note,) = detect(tree_of(files)).notes
    assert "requirements/gpu.txt" in note
    assert "requirements/base.txt," not in note


@pytest.mark.parametrize("path", ["Aptfile", "apt.txt", "packages.txt"])
def test_packages_of_the_system_are_named_with_the_line_that_installs_them(path: str) -> None:
    tree = tree_of({**MAIN, path: "# ours\nlibpq-dev\nffmpeg\n:repo:deb http://x.test y\n"})
    (note,) = notes(tree, ())
    assert note == (
        f"{path} is not read: what the tasks need of it is installed by "
        'apt = ["libpq-dev", "ffmpeg"] in [tool.orchestrator]'
    )
    assert notes(tree, (), ("libpq-dev", "ffmpeg")) == ()
