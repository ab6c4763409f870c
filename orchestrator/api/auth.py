"""What every request passes first: is it meant for us, and may whoever asks have it done?"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.api import audit
from orchestrator.api.browser import cookie, origin
from orchestrator.api.browser.page import PREFIX
from orchestrator.api.callers.allowances import Allowances
from orchestrator.api.callers.standing import Fallen, Standing
from orchestrator.api.callers.turns import Turns
from orchestrator.api.deps import Services
from orchestrator.api.errors import response
from orchestrator.api.requests.refused import Refused
from orchestrator.api.routes import scrape
from orchestrator.core import access

_OPEN_PATHS: Final = frozenset({"/", "/healthz", "/readyz", PREFIX.rstrip("/")})
_WILDCARDS: Final = frozenset({"0.0.0.0", "::", ""})
_WHERE_KEY_IS: Final = (
    "send it as 'Authorization: Bearer KEY'; it is the content of the file api-key in the orchestrator's data directory"
)
_STREAMS: Final = ("/changes", "/events")
_FOLLOWS: Final = b"follow="
_POLICY: Final = 1008
"""Why a websocket is closed: by a rule of ours."""
_HOW_TO_SIGN_IN: Final = "run `orchestrator ui` on its machine to sign in again"


@dataclass(slots=True)
class _Caller:
    """Who asks, as the audit log calls them, and what they may."""

    name: str = "nobody"
    scopes: Collection[str] = ()
    credential: str = ""
    """What they have shown, where that can be taken back: a key other than the first, or a session."""


_FIRST: Final = _Caller("the first key", access.ALL)
_BROWSERS_NAME: Final = "a browser's session"
_KEY, _SESSION = "key ", "session "
_ANYBODY: Final = _Caller("anybody", access.ALL)


class Gate:
    """Refuses requests without a key that allows them or a browser's session, and answers errors that no handler expected."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._key = None if services.api_key is None else services.api_key.encode()
        self._hosts = _names(services)
        self._sessions = services.sessions
        self._keys = services.keys
        self._admission = services.admission
        self._allowances = Allowances(services.limits)
        self._standing = Standing(self._is_good)
        self._turns = Turns()
        self._open_paths = _OPEN_PATHS | {scrape.PATH} if services.are_metrics_open else _OPEN_PATHS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        started, limit, who = False, asyncio.timeout(None), _Caller()

        async def watched(message: Message) -> None:
            nonlocal started
            if not started and scope.get("method", "GET") not in access.SAFE_METHODS:
                audit.note(scope, who.name, message["status"])
            started = True
            self._admission.waiting.discard(limit)
            await send(message)

        try:
            self._check(scope)
            async with limit:
                self._admission.waiting.add(limit)
                who = await self._identified(scope)
                _check_scope(scope, who)
                with self._allowances.request(_counted(who, scope)):
                    async with self._standing.request(who.credential):
                        if kind := _stays_open(scope):
                            await self._turns.wait((who.name, kind))
                        await self._app(scope, receive, watched)
        except ClientDisconnect:
            return  # in the midst of its body: there is nobody to answer, and nothing of ours to log
        except Fallen:
            if started:
                await send(_last_word(scope))
            else:
                await response(_unauthorized("wrong_key", f"{who.name} is no longer good"))(scope, receive, watched)
        except Exception as error:
            if started:  # the client sees the connection break, and the server logs why
                raise
            await response(self._silence() if limit.expired() else error)(scope, receive, watched)
        finally:
            self._admission.waiting.discard(limit)

    def _silence(self) -> Refused:
        message = self._admission.no_answers or "the store did not answer for too long; try again"
        return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "store_unavailable", message, {"Retry-After": "1"})

    def _check(self, scope: Scope) -> None:
        if self._admission.no_answers and scope["path"] != scrape.PATH:  # they are wanted most when something is wrong
            raise self._silence()
        if self._hosts is not None:
            _check_host(dict(scope["headers"]).get(b"host", b"").decode("latin-1"), self._hosts)

    async def _identified(self, scope: Scope) -> _Caller:
        """Who asks; who tries keys uses up what an address may ask for. Raises Refused."""
        try:
            return await self._caller(scope)
        except Refused:
            with self._allowances.request(_counted(_ANYBODY, scope)):
                raise

    async def _caller(self, scope: Scope) -> _Caller:
        """Who has a key, or a browser's session, or needs neither. Raises Refused."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        token = "" if b"authorization" in headers else cookie.token_in(headers.get(b"cookie", b""))
        if self._is_open(scope["path"]):
            return _ANYBODY
        if self._key is not None and not token:
            return await self._key_holder(_bearer(headers.get(b"authorization", b"")), self._key)
        if self._key is not None and not await self._sessions.use(token):
            raise _unauthorized("signed_out", f"this session is over: {_HOW_TO_SIGN_IN}")
        if origin.changes_something(scope["type"], scope.get("method", "")):
            _check_origin(headers, must_say=self._key is not None)
        return _ANYBODY if self._key is None else _Caller(_BROWSERS_NAME, access.ALL, _SESSION + token)

    async def _key_holder(self, token: bytes, first: bytes) -> _Caller:
        if hmac.compare_digest(token, first):
            return _FIRST
        if found := await self._keys.find(token.decode("latin-1")):
            return _Caller(f"key {found.name}", found.scopes, _KEY + token.decode("latin-1"))
        raise _unauthorized("wrong_key", f"the key is not this orchestrator's, or was revoked: {_WHERE_KEY_IS}")

    async def _is_good(self, credential: str) -> bool:
        if credential.startswith(_SESSION):
            return await self._sessions.is_open(credential.removeprefix(_SESSION))
        return await self._keys.find(credential.removeprefix(_KEY)) is not None

    def _is_open(self, path: str) -> bool:
        return path in self._open_paths or path.startswith(PREFIX)


def _counted(who: _Caller, scope: Scope) -> str:
    """Whose allowance it is: without a key each address has its own."""
    return who.name if who is not _ANYBODY else f"whoever asks from {(scope.get('client') or ('an unknown place',))[0]}"


def _stays_open(scope: Scope) -> str:
    """The path of a request that most likely is not over soon; empty for others."""
    is_stream = scope["path"].endswith(_STREAMS) or _FOLLOWS in scope["query_string"]
    return scope["path"] if scope["type"] == "websocket" or is_stream else ""


def _names(services: Services) -> frozenset[str] | None:
    """The names requests may call us by; None for any, when we serve other machines and the key keeps strangers out."""
    if services.host in _WILDCARDS and services.api_key is not None:
        return None
    return services.allowed_hosts | {"localhost", services.host.lower(), socket.gethostname().lower()}


def _check_host(host: str, names: frozenset[str]) -> None:
    """A web page can make its own name point here (DNS rebinding), but never an address."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name.lower() not in names and not _is_address(name):
        message = f"this API is not called '{name}': use its address, such as 127.0.0.1, or localhost"
        raise Refused(HTTPStatus.FORBIDDEN, "unknown_host", message)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _check_origin(headers: dict[bytes, bytes], *, must_say: bool) -> None:
    if why := origin.refusal(headers, must_say=must_say):
        message = f"this is refused, for {why}: only this orchestrator's own page may ask for it without the key"
        raise Refused(HTTPStatus.FORBIDDEN, "foreign_origin", message)


def _bearer(header: bytes) -> bytes:
    scheme, _, token = header.partition(b" ")
    if not token or scheme.lower() != b"bearer":
        raise _unauthorized("missing_key", f"this API needs a key: {_WHERE_KEY_IS}")
    return token.strip()


def _check_scope(scope: Scope, who: _Caller) -> None:
    asked = access.needed(scope.get("method", "GET"), scope["path"])
    if not access.allows(who.scopes, asked):
        has, remedy = ", ".join(who.scopes), f"`orchestrator keys create NAME --scope {asked}` makes one that is"
        message = f"{who.name} is good for {has}, and this needs one that is good for {asked}: {remedy}"
        raise Refused(HTTPStatus.FORBIDDEN, "scope_missing", message)


def _last_word(scope: Scope) -> Message:
    """The end of an answer that was begun."""
    if scope["type"] == "websocket":
        return {"type": "websocket.close", "code": _POLICY, "reason": "the key was revoked, or the session is over"}
    return {"type": "http.response.body", "body": b"", "more_body": False}


def _unauthorized(code: str, message: str) -> Refused:
    return Refused(HTTPStatus.UNAUTHORIZED, code, message, {"WWW-Authenticate": "Bearer"})
