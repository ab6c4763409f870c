"""Attacks by printing."""

import os


def add_to(app):
    @app.task
    def lines(size: int, megabytes: int) -> None:
        chunk = (b"x" * (size - 1) + b"\n") * (65_536 // size)
        for _ in range((megabytes << 20) // len(chunk)):
            os.write(1, chunk)

    @app.task
    def one_line_without_end(megabytes: int) -> None:
        chunk = b"x" * 65_536
        for _ in range((megabytes << 20) // len(chunk)):
            os.write(1, chunk)

    @app.task
    def control_sequences(megabytes: int) -> None:
        """Lines of 1 MB of them, with directions and bytes that are no text."""
        chunk = (b"\x1b[31m\x1b]0;title\x07\xe2\x80\xae\xff\x00" * 50_000)[: 1 << 20] + b"\n"
        for _ in range(megabytes):
            os.write(1, chunk)
