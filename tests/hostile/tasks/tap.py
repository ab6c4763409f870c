"""What user code finds in its own process: the shim's line to the orchestrator, and its password."""

import functools
import gc
import json

from orchestrator_runtime.link import Link
from orchestrator_runtime.resp import Connection, encode


@functools.cache
def link():
    return next(one for one in gc.get_objects() if type(one) is Link)


def connect(timeout_s=30.0):
    return Connection(*link()._login, timeout_s=timeout_s)


def silent():
    """A connection without a word."""
    import socket

    made = socket.socket(socket.AF_UNIX)
    made.connect(link()._login[0].removeprefix("unix://"))
    return made


def command(frame):
    """The bytes that send a frame, whatever it is."""
    text = frame if isinstance(frame, str | bytes) else json.dumps(frame, separators=(",", ":"))
    return encode("XADD", link()._stream_out, "*", "f", text)


def send(connection, data):
    connection._socket.sendall(data)


def say(connection, frame):
    """As a shim does, which waits for the answer."""
    send(connection, command(frame))
    return connection._read()


def ask_child(connection, call, task, arguments):
    say(connection, {"type": "child", "call": call, "task": task, "input": arguments, "confirm": False})
