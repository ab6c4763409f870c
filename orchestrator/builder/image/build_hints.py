"""What a repo can say so that its build does not fail this way again."""

from __future__ import annotations

import re
from typing import Final

_MISSING: Final = (
    (r"libpq-fe\.h|pg_config executable not found|pg_config is required", "libpq-dev"),
    (r"mysql\.h|mysql_config|Can not find valid pkg-config name", "default-libmysqlclient-dev"),
    (r"ffi\.h: No such", "libffi-dev"),
    (r"openssl/\w+\.h: No such", "libssl-dev"),
    (r"libxml/\w+\.h: No such|Please make sure the libxml2 and libxslt", "libxml2-dev libxslt1-dev"),
    (r"jpeglib\.h: No such|The headers or library files could not be found for jpeg", "libjpeg-dev"),
    (r"zlib\.h: No such", "zlib1g-dev"),
    (r"gdal-config|gdal\.h: No such", "libgdal-dev"),
    (r"portaudio\.h: No such", "portaudio19-dev"),
    (r"sasl/sasl\.h: No such", "libsasl2-dev"),
    (r"lber\.h: No such|ldap\.h: No such", "libldap2-dev"),
    (r"hdf5\.h: No such", "libhdf5-dev"),
    (r"snappy-c\.h: No such", "libsnappy-dev"),
    (r"sql\.h: No such", "unixodbc-dev"),
    (r"cmake: (?:command )?not found|CMake must be installed", "cmake"),
    (r"Python\.h: No such", "python3-dev"),
    (r"gyp ERR! find Python|spawn(?:Sync)? python3? ENOENT", "python3"),
)
"""What compilers and build scripts say, and the Debian packages that have it."""
_HEADER: Final = re.compile(r"fatal error: (\S+\.h\w*): No such file")
_PROGRAM: Final = re.compile(r"\bspawn(?:Sync)? ([\w.+-]{1,100}) ENOENT")

_NONE_FITS: Final = "No matching distribution found"
_OTHER_PYTHON: Final = re.compile(r"Requires-Python >=\s*3\.(\d+)")
_NO_SHELL: Final = 'exec: "/bin/sh": stat /bin/sh: no such file'


def hint_for(reason: str) -> str:
    """One line of advice for a build that failed, or an empty string."""
    if _NO_SHELL in reason:
        return "hint: the image has no shell, which fits it to runs: make its last stage FROM one that has, like python:3.12-slim"
    if _NONE_FITS in reason and (minors := _OTHER_PYTHON.findall(reason)):
        wanted = f"3.{max(map(int, minors))}"
        return (
            f'hint: the image has an older Python: say python = "{wanted}" in [tool.orchestrator], '
            f"or --env PYTHON_VERSION={wanted}"
        )
    for said, packages in _MISSING:
        if re.search(said, reason):
            return _of_packages(packages.split())
    if program := _PROGRAM.search(reason):
        return f"hint: the build calls {program[1]}, which is in a package of the system: name that, as with --apt {program[1]}"
    if header := _HEADER.search(reason):
        return f"hint: {header[1]} is in a package of the system: name that, as with --apt libpq-dev, or in [tool.orchestrator]"
    return ""


def _of_packages(names: list[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f"hint: add apt = [{listed}] to [tool.orchestrator], or deploy with {' '.join(f'--apt {name}' for name in names)}"
