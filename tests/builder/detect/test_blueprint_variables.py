"""The variables of a render.yaml."""

from __future__ import annotations

import pytest

from orchestrator.builder.detect.project import Project, detect
from orchestrator.builder.errors import BadSource
from tests.builder.detect.repos import MAIN, tree_of

BLUEPRINT = """
envVarGroups:
  - name: shared
    envVars:
      - {key: REGION, value: oregon}
      - {key: LEVEL, value: info}
services:
  - type: workflow
    startCommand: python main.py
    envVars:
      - {key: LEVEL, value: debug}
      - {fromGroup: shared}
      - {key: PYTHON_VERSION, value: 3.10}
      - {key: FLAG, value: yes}
      - {key: SECRET, generateValue: true}
      - {key: TOKEN, sync: false}
      - {key: DATABASE_URL, fromDatabase: {name: main-db, property: connectionString}}
      - {fromGroup: elsewhere}
"""


def project(text: str = BLUEPRINT, environment: dict[str, str] | None = None) -> Project:
    return detect(tree_of({**MAIN, "render.yaml": text}), environment=environment or {})


def entries(text: str) -> str:
    return f"services: [{{type: workflow, startCommand: python main.py, envVars: [{text}]}}]"


def test_values_are_texts_as_they_are_written_and_outrank_a_groups() -> None:
    assert project().variables.values == {"REGION": "oregon", "LEVEL": "debug", "PYTHON_VERSION": "3.10", "FLAG": "yes"}


def test_what_is_made_once_and_what_must_be_set_are_told_apart() -> None:
    found = project().variables
    assert found.generated == ("SECRET",)
    assert found.required == {
        "TOKEN": "render.yaml, sync: false",
        "DATABASE_URL": "render.yaml takes it from the database main-db, which is not here",
    }


def test_a_group_that_is_not_in_the_file_is_told_of() -> None:
    assert any("the group elsewhere is not in it" in note for note in project().notes)


def test_they_choose_python_and_node_unless_the_workflow_does() -> None:
    assert (project().python.preferred, project().python.source) == ("3.10", "PYTHON_VERSION in render.yaml")
    assert project(environment={"PYTHON_VERSION": "3.13"}).python.preferred == "3.13"
    node = "services: [{type: workflow, startCommand: node a.js, envVars: [{key: NODE_VERSION, value: 20.11.1}]}]"
    found = detect(tree_of({"a.js": "", "render.yaml": node})).node
    assert str(found and found.version) == "Node 20.11.1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{key: A}", "variable A has neither value, generateValue"),
        ("{value: x}", "a variable of envVars has no key"),
        ("[a]", "render.yaml cannot be read"),
        ("{key: A, value: [1]}", "variable A has neither value"),
        ("{key: 'A B', value: x}", "'A B' is no name of a variable"),
        ("{key: ORCHESTRATOR_X, sync: false}", "ORCHESTRATOR_X is reserved"),
    ],
)
def test_what_is_no_variable_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadSource, match=says):
        project(entries(text))
