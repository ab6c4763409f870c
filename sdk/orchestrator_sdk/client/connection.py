"""How both clients use httpx."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import IO, Any, Final, cast

import httpx

from orchestrator_sdk.client.address import Address, find
from orchestrator_sdk.client.requests import Request
from orchestrator_sdk.client.responses import unreachable
from orchestrator_sdk.errors import BadRequestError
from orchestrator_sdk.version import __version__

__all__ = ["arguments", "find", "settings", "stream_arguments", "translated"]

_CONNECT_S: Final = 5.0
_ANSWER_S: Final = 30.0
_CHUNK_BYTES: Final = 256 * 1024


def settings(address: Address) -> dict[str, Any]:
    """What to make an httpx client with."""
    headers = {"User-Agent": f"orchestrator-sdk/{__version__}", "Accept": "application/json"}
    if address.api_key:
        headers["Authorization"] = f"Bearer {address.api_key}"
    return {
        "base_url": f"{address.url}/v1",
        "headers": headers,
        "timeout": httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
        "trust_env": not address.is_loopback,
        # Without TLS no certificates are needed, and loading them takes longer than most requests.
        "verify": _trusted(address) if address.is_tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    }


def _trusted(address: Address) -> ssl.SSLContext | bool:
    """What an orchestrator is known by; True is whatever httpx makes of the system's certificates and the environment."""
    if not address.certificate:
        return ssl.create_default_context(cafile=address.ca_file) if address.ca_file else True
    context = ssl.create_default_context(cafile=address.certificate)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # somebody may vouch for it whom we do not know
    return context


def arguments(request: Request[Any]) -> dict[str, Any]:
    """The request as httpx takes it."""
    return {
        "method": request.method,
        "url": request.path,
        "params": request.params,
        "content": request.body,
        "headers": {"Content-Type": request.content_type} if request.body is not None else None,
    }


def async_arguments(request: Request[Any]) -> dict[str, Any]:
    """The same for asyncio, where a file is read by a thread, and its size not told ahead."""
    body = request.body
    whole = body is None or isinstance(body, str | bytes)
    return {**arguments(request), "content": body if whole else _chunks(cast("IO[bytes]", body))}


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
        yield chunk


def stream_arguments(request: Request[Any], silence_s: float) -> dict[str, Any]:
    """The request for a stream that is broken after `silence_s` without a line."""
    return {
        **arguments(request),
        "headers": {"Accept": "text/event-stream", "Cache-Control": "no-cache"},
        "timeout": httpx.Timeout(silence_s, connect=min(_CONNECT_S, silence_s)),
    }


@contextlib.contextmanager
def translated(address: Address) -> Iterator[None]:
    """Turn httpx's errors into ours."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise BadRequestError(f"{error.object!r} is no valid text, so nothing can have that name") from error
    except httpx.RequestError as error:
        raise unreachable(address, error) from error
