from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from orchestrator.host.processes import cpu_s, listener, open_files, resident_bytes
from tests.wait import until


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_the_process_that_listens_is_found(family: socket.AddressFamily, address: str, tmp_path: Path) -> None:
    with socket.create_server((address, 0), family=family) as server, (tmp_path / "held").open("w"):
        found = listener(server.getsockname()[1])
        assert found is not None
        assert found.pid == os.getpid()
        assert "python" in found.command
        assert str(tmp_path / "held") in open_files(found.pid)


def test_a_port_that_is_only_bound_has_no_listener() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert listener(bound.getsockname()[1]) is None


def test_a_process_whose_files_are_nobody_else_s_business_is_not_found(tmp_path: Path) -> None:
    """As of another user: its sockets are listed, its descriptors are not."""
    (tmp_path / "net").mkdir()
    (tmp_path / "1").mkdir()
    row = "0: 0100007F:1FB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711 1"
    (tmp_path / "net" / "tcp").write_text(f"sl local_address\n{row}\n")
    assert listener(8120, tmp_path) is None


def test_what_a_process_used_grows_with_its_work() -> None:
    before_s = cpu_s(os.getpid())
    until(lambda: sum(range(100_000)) > 0 and cpu_s(os.getpid()) > before_s, "the kernel to count our work")


def test_a_process_holds_some_memory() -> None:
    assert 1024 * 1024 < resident_bytes(os.getpid()) < 64 * 1024**3


def test_a_process_that_is_gone_uses_nothing_that_could_be_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        cpu_s(1, tmp_path)
