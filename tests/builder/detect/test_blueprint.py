from __future__ import annotations

import pytest

from orchestrator.builder.detect.options import Options
from orchestrator.builder.detect.project import detect
from orchestrator.builder.errors import BadSource
from tests.builder.detect.repos import MAIN, SEED, START, tree_of

BLUEPRINT = """
services:
  - type: web
    name: site
  - type: workflow
    name: jobs
    runtime: python
    rootDir: ./backend/
    buildCommand: pip install -r deps.txt && python fetch.py
    startCommand: python work.py
"""
BACKEND = {"backend/work.py": SEED + START, "backend/deps.txt": "httpx\n", "backend/fetch.py": "", "index.html": ""}


def test_a_blueprint_says_where_the_workflow_is_and_how_it_starts() -> None:
    project = detect(tree_of({**BACKEND, "render.yaml": BLUEPRINT}))
    assert (project.entry_point, project.root) == ("work.py", "backend")
    assert project.digest == tree_of({"deps.txt": "", "fetch.py": "", "work.py": ""}).digest()
    assert project.dependencies is not None
    assert project.dependencies.files == {"deps.txt": "httpx\n"}
    assert project.build_command == "pip install -r deps.txt && python fetch.py"
    assert project.notes == ("render.yaml starts backend/work.py",)


def test_what_is_given_outranks_the_blueprint() -> None:
    files = {**BACKEND, "main.py": "", "render.yaml": BLUEPRINT}
    project = detect(tree_of(files), Options("main.py", "make all"))
    assert (project.entry_point, project.root, project.build_command) == ("main.py", "", "make all")


def test_a_blueprint_may_have_its_services_in_environments() -> None:
    services = "".join(f"        {line}\n" for line in BLUEPRINT.strip().splitlines())
    text = "projects:\n  - name: p\n    environments:\n      - name: e\n" + services
    assert detect(tree_of({**BACKEND, "render.yaml": text})).entry_point == "work.py"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("services: [", "render.yaml cannot be read"),
        ("services: [1]", "render.yaml cannot be read"),
        (r'services: [{type: workflow, startCommand: "a\0b"}]', "startCommand is not a text"),
        ("services:\n- {type: workflow, rootDir: gone}", "has rootDir gone, and there is no such folder"),
        (
            "services:\n- {type: workflow, name: a, startCommand: python a.py}\n- {type: workflow, name: b, rootDir: b}",
            "has 2 workflows: choose one with --name a --start-command 'python a.py'; or --name b --root-dir b",
        ),
    ],
)
def test_a_blueprint_that_does_not_tell_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadSource, match=says):
        detect(tree_of({**MAIN, "render.yaml": text}))


@pytest.mark.parametrize("text", ["", "services:\n- {type: web, startCommand: gunicorn}", "# nothing"])
def test_a_blueprint_without_a_workflow_says_nothing(text: str) -> None:
    assert detect(tree_of({**MAIN, "render.yaml": text})).entry_point == "main.py"
