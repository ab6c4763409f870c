"""Attacks by what is said on the line: too large, too many, no frames at all."""

import os
import threading
import time

import tap

from orchestrator_runtime.resp import encode


def large(app):
    @app.task
    def frame_of_8_mb() -> None:
        connection = tap.connect()
        tap.send(connection, tap.command(b"x" * (8 << 20)))
        time.sleep(60)

    @app.task
    def extra_fields_of_8_mb() -> None:
        connection = tap.connect()
        extra = [word for number in range(6) for word in (f"x{number}", b"x" * 7_900_000)]
        tap.send(connection, encode("XADD", tap.link()._stream_out, "*", "f", "{}", *extra))
        time.sleep(60)

    @app.task
    def frames_of_5_mb(seconds: float) -> None:
        """Within the limits of one: results that are not the last, without an end."""
        connection, end_s = tap.connect(), time.monotonic() + seconds
        data = tap.command({"type": "annotate", "tags": [], "metadata": {"x": "y" * 4_900_000}})
        while time.monotonic() < end_s:
            tap.send(connection, data)
        time.sleep(60)


def many(app):
    @app.task
    def one_read_of_20_000_streams() -> None:
        connection, stream = tap.connect(), tap.link()._stream_in
        tap.send(connection, encode("XREAD", "STREAMS", *[stream] * 20_000, *["0-0"] * 20_000))
        time.sleep(60)

    @app.task
    def progress_15_000_a_second(seconds: float) -> None:
        connection, end_s = tap.connect(), time.monotonic() + seconds
        data = b"".join(tap.command({"type": "waiting", "waiting": bool(n % 2)}) for n in range(1_500))
        while time.monotonic() < end_s:
            began_s = time.monotonic()
            tap.send(connection, data)
            connection._socket.setblocking(True)
            time.sleep(max(0, began_s + 0.1 - time.monotonic()))
        time.sleep(60)

    @app.task
    def progress_from_six_connections(seconds: float) -> None:
        """Each waits for its answers, as a shim does, and sends the next at once."""
        connections, end_s = [tap.connect() for _ in range(6)], time.monotonic() + seconds

        def flood(connection):
            while time.monotonic() < end_s:
                tap.say(connection, {"type": "waiting", "waiting": bool(time.monotonic_ns() % 2)})

        threads = [threading.Thread(target=flood, args=(one,)) for one in connections]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    @app.task
    def notes_without_end(seconds: float) -> None:
        """Tags and metadata that differ each time, 900 a second: below what a line may say."""
        connection, end_s, number = tap.connect(), time.monotonic() + seconds, 0
        while time.monotonic() < end_s:
            number += 1
            connection.call("XADD", tap.link()._stream_out, "*", "f", _note(number))
            time.sleep(1 / 900)


def _note(number):
    import json

    said = {
        "tags": [f"{number}-{tag}" for tag in range(30)],
        "metadata": {f"{number % 97}-{key}": "x" * 1_500 for key in range(32)},
        "fraction": (number % 100) / 100,
        "message": "m" * 5_000,
    }
    return json.dumps({"type": "annotate", **said})


def broken(app):
    @app.task
    def garbage(seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            connection = tap.connect()
            tap.send(connection, os.urandom(65_536))
            time.sleep(0.3)

    @app.task
    def byte_by_byte(seconds: float) -> None:
        """Each of six connections says one frame, a byte every 2 ms."""
        end_s = time.monotonic() + seconds
        connections = [tap.connect() for _ in range(6)]
        data = tap.command({"type": "waiting", "waiting": False}) * 10_000
        for byte in data:
            for connection in connections:
                connection._socket.sendall(bytes([byte]))
            if time.monotonic() > end_s:
                return
            time.sleep(0.002)

    @app.task
    def half_commands(seconds: float) -> None:
        """Connections that say 4 MB of a command of 5 and go on to the next, half closed."""
        import socket

        end_s, kept = time.monotonic() + seconds, []
        data = tap.command(b"x" * (5 << 20))[: 4 << 20]
        while time.monotonic() < end_s:
            try:
                connection = tap.connect(2.0)
                tap.send(connection, data)
                connection._socket.shutdown(socket.SHUT_WR)
                kept.append(connection)
            except OSError:
                time.sleep(0.2)
            time.sleep(0.25)

    @app.task
    def never_reads(seconds: float) -> None:
        """11,000 questions whose answers it does not take."""
        connection, stream = tap.connect(), tap.link()._stream_in
        data = encode("XREAD", "COUNT", "64", "BLOCK", "1", "STREAMS", stream, "0-0")
        connection._socket.settimeout(seconds)
        tap.send(connection, data * 11_000)
        time.sleep(seconds)

    @app.task
    def connections_10_000(seconds: float) -> None:
        end_s, kept = time.monotonic() + seconds, []
        while time.monotonic() < end_s and len(kept) < 10_000:
            try:
                kept.append(tap.silent())
            except OSError:
                time.sleep(0.01)
        time.sleep(60)


def add_to(app):
    large(app)
    many(app)
    broken(app)
