"""``python -S -P …/orchestrator_runtime/__main__.py``: no code of the image's or the user's has run yet.

What the shim imports comes from the standard library alone, whatever lies on PYTHONPATH; user code gets its path back.
"""

import sys
from posix import environ

python_path = b"" if sys.flags.ignore_environment else environ.get(b"PYTHONPATH", b"")
sys.path[: len(python_path.split(b":")) if python_path else 0] = [__file__.rsplit("/", 2)[0]]

from orchestrator_runtime.beginning import main  # noqa: E402

main()
