from __future__ import annotations

import ast
from pathlib import Path

from orchestrator.builder.detect.project import detect
from orchestrator.builder.source.tree import scan
from orchestrator.cli import exit_codes
from tests.cli.conftest import Cli


def test_a_new_folder_gets_a_workflow_and_the_next_steps(cli: Cli, tmp_path: Path) -> None:
    result = cli("init", str(tmp_path / "hello"))
    assert result.exit_code == exit_codes.OK
    names = {
        node.name for node in ast.walk(ast.parse((tmp_path / "hello" / "main.py").read_text())) if hasattr(node, "name")
    }
    assert {"calculate_square", "sum_squares"} <= names
    assert "orchestrator run hello/sum_squares 3 4" in result.stderr


def test_what_is_there_already_is_never_overwritten(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("mine\n")
    result = cli("init", str(tmp_path))
    assert result.exit_code == exit_codes.USAGE
    assert (tmp_path / "main.py").read_text() == "mine\n"
    assert not (tmp_path / "requirements.txt").exists()


def test_the_workflow_may_be_in_typescript(cli: Cli, tmp_path: Path) -> None:
    result = cli("init", str(tmp_path / "hello"), "--typescript")
    assert result.exit_code == exit_codes.OK
    assert 'from "@orchestrator/sdk"' in (tmp_path / "hello" / "index.ts").read_text()
    assert "orchestrator run hello/sumSquares 3 4" in result.stderr
    tree = scan(tmp_path / "hello")
    assert detect(tree).entry_point.endswith(" index.ts")
