"""What to do about an error in a user's code, where the error itself does not say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from orchestrator.builder.node.start import runs_node

_DISTRIBUTIONS: Final = {
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "jwt": "PyJWT",
    "psycopg2": "psycopg2-binary",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
"""Modules whose distribution has another name."""


_NOT_INSTALLED: Final = re.compile("Cannot find (?:package|module) '([^'./][^']*)'")


@dataclass(frozen=True, slots=True)
class Words:
    """What registering is called in the user's language: what was not done, and how tasks are made."""

    not_called: str
    how: str


_PYTHON: Final = Words(
    "app.start() was not called", "decorate a function with @app.task and call app.start() at the end"
)
_NODE: Final = Words("task() was not called", "define one with task({ name: … }, function) in a file that is imported")


def words_for(entry_point: str) -> Words:
    """The words for the program that a start command runs."""
    return _NODE if runs_node(entry_point) else _PYTHON


def hint_for(error_type: str, message: str, dependency_source: str | None, adds: str = "npm install") -> str:
    """One line of advice for an exception at import, or an empty string; `adds` is what adds a package for Node."""
    if package := _NOT_INSTALLED.search(message):
        name = "/".join(package[1].split("/")[: 2 if package[1].startswith("@") else 1])
        return f"hint: add {name} to the dependencies of package.json: {adds} {name}"
    missing = re.search(r"No module named '([^'.]+)", message)
    if error_type == "ModuleNotFoundError" and missing:
        name = _DISTRIBUTIONS.get(missing[1], missing[1])
        source = dependency_source or "requirements.txt"
        return f"hint: add {name} to {source}; if {missing[1]} is your own module, deploy the folder that contains it"
    if error_type == "OSError" and "Read-only file system" in message:
        return "hint: only /tmp can be written, and it is the run's own: write there"
    return ""
