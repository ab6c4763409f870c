"""runs list, show, logs, debug, rerun, cancel, operations, stop."""

from orchestrator.cli.commands.runs import act, debug, find, look, many
from orchestrator.cli.commands.runs.group import app

__all__ = ["act", "app", "debug", "find", "look", "many"]
