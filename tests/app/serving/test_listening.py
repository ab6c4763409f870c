from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.app.serving.listening import PortUnusable, Unprotected, check_reach, listen, url_of


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


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.7", "orchestrator.lan"])
def test_without_a_key_nothing_listens_where_others_can_reach_it(host: str) -> None:
    with pytest.raises(Unprotected, match=r"leave --no-auth out, or listen on 127\.0\.0\.1"):
        check_reach(host, has_key=False, has_tls=True)
    check_reach(host, has_key=True, has_tls=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_is_served_without_a_key_when_that_is_wanted(host: str) -> None:
    check_reach(host, has_key=False, has_tls=False)


def test_keys_that_travel_in_the_clear_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    check_reach("192.0.2.7", has_key=True, has_tls=False)
    assert "serve TLS (--tls-cert, --tls-key)" in caplog.text


@pytest.mark.parametrize(
    ("host", "url"), [("0.0.0.0", "http://127.0.0.1:1"), ("::1", "http://[::1]:1"), ("a.lan", "http://a.lan:1")]
)
def test_a_url_is_how_this_machine_reaches_it(host: str, url: str) -> None:
    assert url_of(host, 1, has_tls=False) == url
