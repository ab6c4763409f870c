"""runs list, show, logs, rerun, cancel."""

from orchestrator.cli.commands.runs import act, find, look
from orchestrator.cli.commands.runs.group import app

__all__ = ["act", "app", "find", "look"]
