"""The `orchestrator` command, also as ``python -m orchestrator``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run one command, and end the process with its exit code."""
    # Not above: each process that computes something apart executes this file first, and has no use for the commands.
    from orchestrator.cli.main import app_of

    app_of(*sys.argv[1:2])()


if __name__ == "__main__":
    main()
