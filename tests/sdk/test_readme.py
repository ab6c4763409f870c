from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orchestrator_sdk

README = Path(orchestrator_sdk.__file__).parents[1] / "README.md"


def test_the_readmes_tasks_work_as_they_are_printed(context: dict[str, Any], tmp_path: Path) -> None:
    (tasks, *_) = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"__name__": "main"}
    exec(compile(tasks, str(README), "exec", dont_inherit=True), names)
    app = names["app"]
    assert app.call("ship", [{"item": "hat", "due": "2026-03-04"}], context) == "2026-03-04"
    assert [one["signature"] for one in app.definitions()] == [
        "ship(order: Order)",
        "ship_all(orders: list[main.Order])",
    ]
