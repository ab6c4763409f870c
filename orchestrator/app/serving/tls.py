"""HTTP with TLS: from whom nothing comes is a connection like any other before the handshake is over, too."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchestrator.app.serving.connections import Connections
from orchestrator.app.serving.http import HttpConnection


class CertificateUnusable(RuntimeError):  # noqa: N818
    """TLS cannot be served with these files; the message says why."""


def tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """What TLS is served with, None where no files are named. Raises CertificateUnusable."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise CertificateUnusable("TLS needs both files: a certificate (--tls-cert) and its key (--tls-key)")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")
    except OSError as error:  # ssl's own errors are some, too
        reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
        message = f"TLS cannot be served with {certificate} and {key} ({reason}): both must be PEM, and belong together"
        raise CertificateUnusable(message) from error
    return context


class TlsConnection(asyncio.Protocol):
    """One connection until the handshake is over; what follows is HTTP."""

    def __init__(self, ours: Connections, context: ssl.SSLContext, http: Callable[[], HttpConnection]) -> None:
        self._ours = ours
        self._context = context
        self._http = http
        self._loop = asyncio.get_running_loop()
        self._early: list[bytes] = []
        self._is_lost = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.pause_reading()  # what comes is for the handshake
        self._transport = transport
        self._address = (transport.get_extra_info("peername") or ("",))[0]
        self._handshake = self._loop.create_task(self._shake_hands(), name="TLS handshake")
        self._ours.opened(self.cut, self._address)

    def cut(self) -> None:
        """End the connection without a word."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Keep what came right behind the handshake."""
        self._early.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True

    async def _shake_hands(self) -> None:
        try:
            transport = await self._secured()
        finally:
            self._ours.closed(self.cut, self._address)
        if transport is None or self._is_lost:
            return
        http = self._http()
        transport.set_protocol(http)
        http.connection_made(transport)
        if self._early:
            http.data_received(b"".join(self._early))

    async def _secured(self) -> Any:
        """What goes on from here, None when the connection was cut or is none by TLS."""
        seconds = self._ours.timeouts.headers_s
        try:
            return await self._loop.start_tls(
                self._transport, self, self._context, server_side=True, ssl_handshake_timeout=seconds
            )
        except OSError:  # what is no TLS, does not come in time, or is gone
            self._transport.abort()
            return None
