"""A container-per-run workflow executor on Docker: the control plane."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from orchestrator_sdk.version import __version__ as __version__

BUNDLED_DIR: Final = Path(__file__).parent / "bundled"
"""What belongs to the program and is no module of it: links into a checkout, copies in an installed package."""
