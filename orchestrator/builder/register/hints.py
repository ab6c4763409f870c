"""What to do about an error in a user's code, where the error itself does not say."""

from __future__ import annotations

import re
from collections.abc import Container
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


_LIBRARIES: Final = {
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libmagic.so.1": "libmagic1",
    "libmariadb.so.3": "libmariadb3",
    "libodbc.so.2": "unixodbc",
    "libpango-1.0-0": "libpango-1.0-0",
    "libpq.so.5": "libpq5",
    "libsndfile.so": "libsndfile1",
    "libXrender.so.1": "libxrender1",
    "libxml2.so.2": "libxml2",
}
"""Shared libraries that wheels expect of the system, and their Debian packages."""
_LIBRARY: Final = re.compile(
    r"([\w+.-]+\.so(?:\.\d+)*): cannot open shared object file|cannot load library '([\w+.-]+)'"
)
_NOT_INSTALLED: Final = re.compile("Cannot find (?:package|module) '([^'./][^']*)'")
_PATH_OF_TSCONFIG: Final = re.compile("[@~]/")
_NOT_EXPORTED: Final = re.compile(r"does not provide an export named '([\w$]+)'")
_READ_ONLY: Final = re.compile("Read-only file system|EROFS: read-only file system")


def hint_for(
    error_type: str,
    message: str,
    dependency_source: str | None,
    adds: str = "npm install",
    own_modules: Container[str] = frozenset(),
) -> str:
    """One line of advice for an exception at import, or an empty string.

    `adds` is what adds a package for Node; `own_modules` are in the repo, and on no index.
    """
    if package := _NOT_INSTALLED.search(message):
        return _of_package(package[1], adds)
    if export := _NOT_EXPORTED.search(message):
        how = f"import type {{ {export[1]} }}, export type {{ {export[1]} }}"
        return f"hint: if {export[1]} is a type, say so where it is imported or exported: {how}"
    missing = re.search(r"No module named '([^'.]+)", message)
    if error_type == "ModuleNotFoundError" and missing:
        if missing[1] in own_modules:
            return (
                f"hint: {missing[1]} is the repo's own module, which Python does not find from where the program starts: "
                "deploy the folder that contains it, or let the build install it ([build-system] in pyproject.toml)"
            )
        name = _DISTRIBUTIONS.get(missing[1], missing[1])
        source = dependency_source or "requirements.txt"
        return f"hint: add {name} to {source}; if {missing[1]} is your own module, deploy the folder that contains it"
    if _READ_ONLY.search(message):
        return "hint: only /tmp can be written, and it is the run's own: write there"
    if library := _LIBRARY.search(message):
        return _of_library(library[1] or library[2])
    return ""


def _of_package(named: str, adds: str) -> str:
    """For a package that Node does not find by what an import names."""
    if _PATH_OF_TSCONFIG.match(named):
        return (
            f"hint: {named} is a path of tsconfig.json, which Node does not read: import it by a relative path, "
            f"or start with tsx ({adds} tsx)"
        )
    name = "/".join(named.split("/")[: 2 if named.startswith("@") else 1])
    return f"hint: add {name} to the dependencies of package.json: {adds} {name}"


def _of_library(library: str) -> str:
    package = _LIBRARIES.get(library)
    what = f'apt = ["{package}"]' if package else 'its Debian package, as in apt = ["libgl1"],'
    return f"hint: {library} is a library of the system: add {what} to [tool.orchestrator]"
