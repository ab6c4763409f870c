from __future__ import annotations

from orchestrator.builder.words import words_for


def test_who_runs_node_is_not_told_of_pythons_decorator() -> None:
    assert "app.task" in words_for("main.py").how
    assert "task({" in words_for("npm start --silent").how


def test_who_imports_no_sdk_is_told_to_first() -> None:
    assert "add `from orchestrator_sdk import Workflows`, decorate a" in words_for("main.py", names_sdk=False).how
    assert 'add `import { task } from "@orchestrator/sdk"`, define' in words_for("npm start", names_sdk=False).how
