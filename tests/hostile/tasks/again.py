"""Attacks by saying the same again: what was answered, asked for, or reported already."""

import json
import time

import tap


def add_to(app):
    @app.task
    def ready_5_000_times(given: str) -> None:
        """Each is answered with the assignment, and its 4 MB."""
        connection = tap.connect()
        for _ in range(5_000):
            tap.say(connection, {"type": "ready", "protocol": 1, "load_ms": 1e308})
        time.sleep(60)

    @app.task
    def child_300_times() -> None:
        """A chained run that returned 4 MB, asked for again and again."""
        connection = tap.connect()
        tap.ask_child(connection, 0, "returns", [4_190_000])
        time.sleep(3)
        for _ in range(300):
            tap.ask_child(connection, 0, "returns", [4_190_000])
        time.sleep(60)

    @app.task
    def child_without_end(seconds: float) -> None:
        connection, end_s, call = tap.connect(), time.monotonic() + seconds, 0
        while time.monotonic() < end_s:
            for _ in range(99):
                tap.ask_child(connection, call, "noop", [])
            call += 1

    @app.task
    def results_again(seconds: float) -> None:
        """4 MB each, of which the first is the run's."""
        connection, end_s = tap.connect(), time.monotonic() + seconds
        text = json.dumps({"type": "result", "value": "x" * 4_190_000})
        while time.monotonic() < end_s:
            tap.say(connection, text)
        time.sleep(60)

    @app.task
    def costly_json(kind: str, seconds: float) -> None:
        """Frames that are long to understand: chained runs with such inputs, and at the end a result."""
        connection, end_s = tap.connect(), time.monotonic() + seconds
        text, call = TEXTS[kind](), 0
        while time.monotonic() < end_s:
            connection._socket.sendall(tap.command(f'{{"type":"child","call":{call},"task":"takes","input":[{text}]}}'))
            connection._read()
            call += 1
        time.sleep(60)

    @app.task
    def costly_result(kind: str) -> None:
        connection = tap.connect()
        connection._socket.sendall(tap.command(f'{{"type":"result","value":{TEXTS[kind]()}}}'))
        time.sleep(60)


_SIZE = 4_100_000


def _list_of(one):
    return lambda: "[" + ",".join([one] * (_SIZE // (len(one) + 1))) + "]"


TEXTS = {
    "lists": _list_of("[]"),
    "floats": _list_of("1e5"),
    "long floats": _list_of("1.2345678901234567e-300"),
    "huge ints": _list_of("9" * 4_300),
    "keys": lambda: "{" + ",".join(f'"{n:x}":{n % 10}' for n in range(_SIZE // 10)) + "}",
    "nested": lambda: "[" + ",".join(["[" * 400 + "]" * 400] * (_SIZE // 801)) + "]",
    "escapes": lambda: json.dumps("\x01" * (_SIZE // 6)),
    "strings": _list_of('""'),
}
