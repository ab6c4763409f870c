"""``python -S …/orchestrator_runtime/__main__.py``: no code of the image's or the user's has run yet.

What the shim imports comes from the standard library alone, whatever lies on PYTHONPATH; user code gets its path back. This file's
own folder is taken from the path, too, which only Python 3.11 and newer could be told to leave out.
"""

import sys
from posix import environ

python_path = b"" if sys.flags.ignore_environment else environ.get(b"PYTHONPATH", b"")
folder = __file__.rsplit("/", 1)[0]
before = int(sys.path[0] == folder)  # not with PYTHONSAFEPATH
sys.path[: before + (len(python_path.split(b":")) if python_path else 0)] = [folder.rsplit("/", 1)[0]]

from orchestrator_runtime.beginning import main  # noqa: E402

main()
