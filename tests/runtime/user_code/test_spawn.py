from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator_runtime.user_code import spawn, start_command


@pytest.mark.parametrize(
    "command", ["node index.js", " node --import x index.ts && echo done", "npm start --silent", "tsx"]
)
def test_what_is_plainly_a_program_is_one(command: str) -> None:
    assert spawn.is_plainly_a_program(command)
    assert start_command.parse(command) == start_command.Start("program", command.strip())


@pytest.mark.parametrize("command", ["main.py", "cd x && node index.js", "python -m node", "", "./node"])
def test_others_are_understood_first(command: str) -> None:
    assert not spawn.is_plainly_a_program(command)


def test_a_program_waits_for_no_import_of_the_shim_s() -> None:
    folder = Path(spawn.__file__).parents[2]
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); import orchestrator_runtime.beginning; print(*sys.modules)"
    )
    loaded = subprocess.check_output([sys.executable, "-S", "-c", code], text=True).split()
    assert not {"typing", "re", "socket", "enum", "collections"} & set(loaded)


def test_a_program_starts_in_its_folder_whatever_that_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / 'it\'s "odd" $x; exit 9'
    folder.mkdir()
    monkeypatch.setenv("ORCHESTRATOR_TEST", "here")
    pid = spawn.shell("echo $ORCHESTRATOR_TEST > made", str(folder))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert (folder / "made").read_text() == "here\n"
