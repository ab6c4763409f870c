"""The one error of the command line."""

from __future__ import annotations

from orchestrator.cli import exit_codes


class CliError(Exception):
    """A failure that was foreseen: shown as two lines, what happened and what to do, never as a traceback."""

    def __init__(self, message: str, hint: str = "", exit_code: int = exit_codes.FAILED) -> None:
        super().__init__(message)
        self.hint = hint
        self.exit_code = exit_code
