"""The container's end of the channel: frames out until they are answered, frames in as they come.

What is not answered yet is kept in ``_pending`` and sent again after every reconnect, so neither a restarted Redis nor a
restarted orchestrator loses anything. One daemon thread reads; whoever posts a frame sends it in its own thread.
"""

from __future__ import annotations

import os
import threading
import time
from json import loads
from typing import TYPE_CHECKING, Any, Final

from orchestrator_runtime import json_text, wire
from orchestrator_runtime.resp import Connection, ReplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BLOCK_MS: Final = 1_000
"""After so long at most the reading thread sees that a connection is broken on this side alone."""
_READ_TIMEOUT_S: Final = 15.0
_SEND_TIMEOUT_S: Final = 15.0
_FIRST_RETRY_S: Final = 0.05
_LAST_RETRY_S: Final = 1.0
_UNASSIGNED_LIFE_S: Final = 3600.0
"""How long a container without an assignment looks for a lost channel; the orchestrator ends it long before."""
_BEGINNING: Final = "0-0"


def encode(frame: wire.OutFrame) -> bytes:
    """The frame as JSON. Raises TypeError or ValueError for what is no JSON."""
    fields = frame._asdict()
    fields.pop("worked_ms", None)  # known when it is sent
    if not fields.get("is_boxed"):
        fields.pop("is_boxed", None)
    if isinstance(frame, wire.Error):
        fields["error"] = frame.error._asdict()
    return json_text.encode(fields, levels=wire.FRAME_NESTING_LIMIT)


class Link:
    """Sends and receives frames."""

    def __init__(self, environment: Mapping[str, str], receive: Callable[[dict[str, Any]], None]) -> None:
        """`receive` is called in the reading thread with every frame, some of them twice."""
        self._login = (
            environment[wire.ENV_CHANNEL_URL],
            environment[wire.ENV_CHANNEL_USER],
            environment[wire.ENV_CHANNEL_PASSWORD],
        )
        self._stream_in = environment[wire.ENV_STREAM_IN]
        self._stream_out = environment[wire.ENV_STREAM_OUT]
        self._receive = receive
        self._pending: dict[str, bytes] = {}
        self._lock = threading.RLock()
        self._sender: Connection | None = None
        self._dies_at_s = time.monotonic() + _UNASSIGNED_LIFE_S
        self._pid = os.getpid()

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._run, name="orchestrator link", daemon=True).start()

    def live_for(self, seconds: float) -> None:
        """End the process when the channel is still lost after so long."""
        self._dies_at_s = time.monotonic() + seconds

    def post(self, key: str, frame: bytes) -> None:
        """Send an encoded frame, and again after every reconnect until `answered(key)`; a new one of the same key replaces it."""
        if os.getpid() != self._pid:
            raise RuntimeError("a forked process cannot speak for the task: chain runs from the task's own process")
        with self._lock:
            self._pending[key] = frame
            self._send(frame)

    def answered(self, key: str) -> None:
        """The frame need not be sent again."""
        with self._lock:
            self._pending.pop(key, None)

    def _send(self, frame: bytes) -> None:
        """Try once; what fails stays pending, and the reading thread sends it after its reconnect.

        Not here: user code that closes every handle has closed the reader's too, while that waits on it. A connection made
        now could get the same number, and both would read from it.
        """
        if self._sender is None:
            return
        try:
            self._sender.call("XADD", self._stream_out, "*", wire.FRAME_FIELD, frame)
        except (OSError, ReplyError, ValueError):
            self._drop_sender()

    def _drop_sender(self) -> None:
        if self._sender is not None:
            self._sender.close()
            self._sender = None

    def _connect(self, timeout_s: float) -> Connection:
        return Connection(*self._login, timeout_s=timeout_s)

    def _run(self) -> None:
        retry_s = _FIRST_RETRY_S
        while True:
            try:
                self._connect_and_read()
                retry_s = _FIRST_RETRY_S
            except (OSError, ReplyError, ValueError):
                if time.monotonic() > self._dies_at_s:
                    os._exit(wire.EXIT_CHANNEL_LOST)
                time.sleep(retry_s)
                retry_s = min(retry_s * 2, _LAST_RETRY_S)

    def _connect_and_read(self) -> None:
        reader = self._connect(_READ_TIMEOUT_S)
        try:
            self._resume()
            position = _BEGINNING
            while self._sender is not None:
                position = self._read(reader, position)
        finally:
            reader.close()

    def _read(self, reader: Connection, position: str) -> str:
        answer = reader.call("XREAD", "COUNT", "64", "BLOCK", str(_BLOCK_MS), "STREAMS", self._stream_in, position)
        for entry, fields in answer[0][1] if answer else ():
            position = entry.decode()
            self._receive(loads(fields[1]))
        return position

    def _resume(self) -> None:
        with self._lock:
            self._drop_sender()
            self._sender = self._connect(_SEND_TIMEOUT_S)
            for frame in list(self._pending.values()):
                self._send(frame)
