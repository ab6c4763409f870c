"""``python -I -S …/orchestrator_runtime/__main__.py``: no site, user or environment path is in effect yet."""

import sys

sys.path.insert(0, __file__.rsplit("/", 2)[0])

from orchestrator_runtime.shim import main

main()
