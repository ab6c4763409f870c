from __future__ import annotations

from orchestrator.builder.register.hints import hint_for


def test_a_missing_module_names_the_file_to_add_it_to() -> None:
    hint = hint_for("ModuleNotFoundError", "No module named 'rich.table'", "pyproject.toml")
    assert hint.startswith("hint: add rich to pyproject.toml")


def test_a_module_is_named_by_its_distribution() -> None:
    assert "add PyYAML to requirements.txt" in hint_for("ModuleNotFoundError", "No module named 'yaml'", None)


def test_other_errors_speak_for_themselves() -> None:
    assert hint_for("ValueError", "No module named 'x'", None) == ""
