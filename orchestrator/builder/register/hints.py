"""What to do about an error in a user's code, where the error itself does not say."""

from __future__ import annotations

import re
from typing import Final

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


def hint_for(error_type: str, message: str, dependency_source: str | None) -> str:
    """One line of advice for an exception at import, or an empty string."""
    missing = re.search(r"No module named '([^'.]+)", message)
    if error_type == "ModuleNotFoundError" and missing:
        name = _DISTRIBUTIONS.get(missing[1], missing[1])
        source = dependency_source or "requirements.txt"
        return f"hint: add {name} to {source}; if {missing[1]} is your own module, deploy the folder that contains it"
    if error_type == "OSError" and "Read-only file system" in message:
        return "hint: only /tmp can be written, and it is the run's own: write there"
    return ""
