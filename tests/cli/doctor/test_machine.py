from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from orchestrator.cli.doctor.machine import Machine


def test_a_command_is_asked_for_its_exit_code_and_all_it_printed() -> None:
    answer = Machine().ask(sys.executable, "-c", "import sys; print('a'); print('b', file=sys.stderr); sys.exit(3)")
    assert (answer.exit_code, answer.is_ok) == (3, False)
    assert set(answer.output.split()) == {"a", "b"}


def test_a_command_that_is_not_there_has_failed() -> None:
    assert not Machine().ask("no-such-command-anywhere").is_ok


def test_a_folder_that_is_to_be_made_is_as_writable_as_the_one_it_will_be_in(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert Machine().write_error(tmp_path / "a" / "b") is None
    assert "is not a folder" in (Machine().write_error(tmp_path / "file" / "b") or "")


def test_the_free_space_is_that_of_the_disk_below(tmp_path: Path) -> None:
    assert Machine().free_bytes(tmp_path / "a" / "b") > 0


def test_a_port_that_is_taken_says_why() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = Machine().listen_error("127.0.0.1", taken.getsockname()[1])
    assert said is not None
    assert f"process {os.getpid()}" in said
    assert Machine().listen_error("127.0.0.1", 0) is None


@pytest.mark.parametrize("name", ["ensure-base", "docker-cli"])
def test_our_scripts_are_where_it_says(name: str) -> None:
    assert Path(Machine().images_script(name)).is_file()
