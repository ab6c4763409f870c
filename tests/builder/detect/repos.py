"""Small repos to detect things in."""

from __future__ import annotations

from typing import Final

from orchestrator.builder.source.tree import FileTree

MAIN: Final = {"main.py": ""}
SEED: Final = "from render_sdk import Workflows\napp = Workflows()\n"
COMBINED: Final = "from a import app\nfrom render_sdk import Workflows\nall_of_them = Workflows.from_workflows(app)\n"
START: Final = 'if __name__ == "__main__":\n    app.start()\n'


def tree_of(files: dict[str, str]) -> FileTree:
    """The tree of a repo with these texts by path."""
    return FileTree({name: "-" for name in files}, files)
