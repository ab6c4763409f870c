"""What a process is made of, as JSON: copied beside the user code of a test, and imported there."""

from __future__ import annotations

import builtins
import os
import resource
import signal
import sys
import warnings
from typing import Any


def here() -> dict[str, Any]:
    """Everything of this process that whoever started it decides."""
    main = sys.modules["__main__"]
    return {
        "flags": repr(sys.flags),
        "flags as a tuple": list(sys.flags),
        "no_site and isolated": [sys.flags.no_site, sys.flags.isolated, sys.flags.ignore_environment],
        "options": [sys.warnoptions, sys._xoptions, [repr(one) for one in warnings.filters]],  # noqa: SLF001
        "argv": sys.argv,
        "orig_argv": sys.orig_argv[1:],
        "path": sys.path,
        "executable": sys.executable,
        "prefixes": [sys.prefix, sys.exec_prefix, sys.base_prefix],
        "encodings": [sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.stdout.encoding, sys.stdin.encoding],
        "limits": [sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits()],
        "hash": hash("a"),
        "hooks": [sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__],
        "builtins": sorted(dir(builtins)),
        "main": {name: type(getattr(main, name)).__name__ for name in dir(main) if name.startswith("__")},
        "main file": getattr(main, "__file__", None),
        "signals": [[number, str(signal.getsignal(number))] for number in signal.valid_signals()],
        "ignored by the kernel": _status("SigIgn"),
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "umask": _status("Umask"),
        "working directory": os.getcwd(),
        "environment": dict(os.environ),
        "descriptors": [int(name) for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")],
        "nice": os.nice(0),
        "rlimits": [
            resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT_")
        ],
        "cpu count": os.cpu_count(),
    }


def of_helper(number: int) -> dict[str, Any]:
    """For a process pool, which calls with an argument."""
    return here()


def _status(name: str) -> str:
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(line.split()[1] for line in lines if line.startswith(name))
