"""Names of packages of the system."""

from __future__ import annotations

import re
from typing import Final

_PACKAGE: Final = re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+](=[A-Za-z0-9.+:~-]+)?", re.ASCII)
"""A name as Debian's policy has it (5.6.1), and a version of it; one that ends in a dash would tell apt to remove it."""


def is_package(name: str) -> bool:
    """Whether apt may be asked for it: ``libpq-dev``, or ``libpq-dev=15.6-0+deb12u1``."""
    return bool(_PACKAGE.fullmatch(name))
