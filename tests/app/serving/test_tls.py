"""TLS: with files that belong together, and for no longer than a handshake takes without a word."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx
import pytest

from orchestrator.app.serving.connections import Connections, Timeouts
from orchestrator.app.serving.tls import CertificateUnusable, tls_context
from tests.app.support.serving import Stream, connect, ended, hello, serving
from tests.certificates import certificate
from tests.wait import LIMIT_S


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return certificate(tmp_path, "127.0.0.1.test")


async def test_it_is_served_with_the_certificate(files: tuple[Path, Path]) -> None:
    trusting = ssl.create_default_context(cafile=files[0])
    trusting.check_hostname = False
    async with (
        serving(Connections(5), hello, tls_context(*files)) as port,
        httpx.AsyncClient(verify=trusting, timeout=LIMIT_S) as http,
    ):
        for _ in range(2):
            assert (await http.get(f"https://127.0.0.1:{port}/")).text == "hi"


async def test_plain_http_is_not_served_beside_it(files: tuple[Path, Path], opened: list[Stream]) -> None:
    async with serving(Connections(5), hello, tls_context(*files)) as port:
        assert b"hi" not in await ended(await connect(port, opened, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))


async def test_a_handshake_that_does_not_end_ends_the_connection(
    files: tuple[Path, Path], opened: list[Stream]
) -> None:
    async with serving(Connections(5, Timeouts(headers_s=0.2)), hello, tls_context(*files)) as port:
        assert await ended(await connect(port, opened)) == b""


async def test_who_never_shakes_hands_keeps_nobody_out(files: tuple[Path, Path], opened: list[Stream]) -> None:
    trusting = ssl.create_default_context(cafile=files[0])
    trusting.check_hostname = False
    async with serving(Connections(10), hello, tls_context(*files)) as port:
        silent = [await connect(port, opened) for _ in range(20)]
        async with httpx.AsyncClient(verify=trusting, timeout=LIMIT_S) as http:
            assert (await http.get(f"https://127.0.0.1:{port}/")).text == "hi"
        assert await ended(silent[0]) == b""


def test_files_that_cannot_be_used_are_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert tls_context(None, None) is None
    with pytest.raises(CertificateUnusable, match="needs both files"):
        tls_context(files[0], None)
    with pytest.raises(CertificateUnusable, match=r"nothing\.pem .* \(No such file"):
        tls_context(tmp_path / "nothing.pem", files[1])
    (tmp_path / "other").mkdir()
    with pytest.raises(CertificateUnusable, match="belong together"):
        tls_context(files[0], certificate(tmp_path / "other")[1])
