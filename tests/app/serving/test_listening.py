from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.app.serving.listening import PortUnusable, listen


def test_a_port_that_another_orchestrator_has_is_said_to_be_its_own_and_how_to_talk_to_it(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path / "its")
    data_dir.instance()
    with data_dir.locked(), listen("127.0.0.1", 0) as taken, pytest.raises(PortUnusable) as refused:
        listen("127.0.0.1", taken.getsockname()[1])
    said = str(refused.value)
    assert f"the orchestrator of {data_dir.path} (process {os.getpid()}) has it" in said
    assert f"talk to that one with --data-dir {data_dir.path}" in said
    assert f"orchestrator down --data-dir {data_dir.path}" in said
    assert "choose another with --port" in said


def test_a_port_that_some_other_program_has_is_said_to_be_its_own() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(PortUnusable, match=rf"process {os.getpid()} \(.*python"):
        listen("127.0.0.1", taken.getsockname()[1])


def test_a_port_of_which_nothing_can_be_seen_comes_with_the_command_that_can() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(PortUnusable, match="sudo ss -ltnp"):
            listen("127.0.0.1", bound.getsockname()[1])


def test_an_address_that_is_not_this_machine_s_is_named() -> None:
    with pytest.raises(PortUnusable, match=r"port 0 of 203\.0\.113\.1 cannot be used: .*--host"):
        listen("203.0.113.1", 0)
