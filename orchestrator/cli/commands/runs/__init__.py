"""runs list, show, logs, rerun, cancel, operations, stop."""

from orchestrator.cli.commands.runs import act, find, look, many
from orchestrator.cli.commands.runs.group import app

__all__ = ["act", "app", "find", "look", "many"]
