"""Makes of the shim's interpreter what ``python main.py`` would have given user code.

The interpreter was started with ``-S``, so that nothing of the user's runs before the shim does. Here that is made up for: `site`
does its work now, and the flag, which helper processes would inherit (multiprocessing and joblib pass on what they find in
`sys.flags`), is shown as it would be.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Final

from orchestrator_runtime import wire

_STARTED_WITH: Final = sys.flags
_SHOWN: Final[dict[str, Any]] = {"no_site": 0}


class _Flags(tuple[Any, ...]):
    """Stands in for `sys.flags`, of which nobody can make another."""

    def __getattr__(self, name: str) -> Any:
        return _SHOWN[name] if name in _SHOWN else getattr(_STARTED_WITH, name)

    def __repr__(self) -> str:
        names = type(_STARTED_WITH).__match_args__
        return f"sys.flags({', '.join(f'{name}={value!r}' for name, value in zip(names, self, strict=True))})"


def restore() -> None:
    """Process PYTHONPATH, ``.pth`` files and ``sitecustomize``. Raises whatever user code among these raises."""
    import site

    for stream in (sys.stdout, sys.stderr):  # every printed line is visible at once
        stream.reconfigure(line_buffering=True, write_through=False)  # type: ignore[union-attr]
    names = type(_STARTED_WITH).__match_args__
    sys.flags = _Flags(_SHOWN.get(name, getattr(_STARTED_WITH, name)) for name in names)  # type: ignore[assignment]
    ours = sys.path.pop(0)
    python_path = os.environ.get("PYTHONPATH", "")
    sys.path[:0] = map(os.path.abspath, python_path.split(":")) if python_path else ()
    site.main()
    sys.path += [ours, f"{wire.HOME_DIR}/sdk", f"{wire.HOME_DIR}/compat"]
