"""Measures the page in Chromium beside its budgets: `make bench-ui`; the leak test alone: `make bench-ui BENCH_UI_ARGS=leak`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any, Final

from playwright.sync_api import CDPSession, Page, Route

from tests.leftovers import ROOT
from tests.ui.support.browsing import browsing, signed_in
from tests.ui.support.served import ServedInstance

CHANGES_A_SECOND: Final = 500
_WATCHED_S: Final = 10
_LEAK_S: Final = int(os.environ.get("UI_LEAK_S", "120"))
"""An hour is UI_LEAK_S=3600."""
_LEAK_CHANGES_A_SECOND: Final = int(os.environ.get("UI_LEAK_RATE", str(CHANGES_A_SECOND)))
"""Less leaves the machine to others for an hour."""
_LOOKS: Final = 6
"""At the heap, while changes are told."""
_LINES: Final = 100_000
_FIRST_PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_FRAMES: Final = """view => new Promise(done => {
  const times = []; let last = performance.now(); const end = last + 3000;
  const step = now => {
    times.push(now - last); last = now; view.scrollTop += 3000;
    if (now < end) requestAnimationFrame(step); else done(times.slice(1).sort((a, b) => a - b));
  };
  requestAnimationFrame(step);
})"""


def main() -> None:
    """Print a line for each budget."""
    say("what", "measured", "budget")
    is_leak_test = "leak" in sys.argv[1:]
    if not is_leak_test:
        _sizes()
    with browsing(UI_TREE="10000") as (browser, instance):
        page = signed_in(browser, instance, viewport={"width": 1360, "height": 850})
        if is_leak_test:
            _leak(page, _watched(page, instance))
            return
        _first_paint(page, instance)
        _tree(page, instance)
        _changes(page, instance)
        _log(page, instance)


def say(what: str, measured: str, budget: str) -> None:
    """One line of the table."""
    print(f"{what:<52}{measured:>14}{budget:>12}", flush=True)  # noqa: T201


def _sizes() -> None:
    told = subprocess.run(["node", "build.mjs", "--sizes"], cwd=ROOT / "ui", capture_output=True, text=True, check=True)
    for line in told.stdout.splitlines():
        name, script, style = line.split()
        if name in ("Runs", "Run", "Workflow", "System"):
            say(f"{name}: script, gzip", f"{int(script) / 1000:.1f} kB", "45 kB" if name == "Run" else "60 kB")
            say(f"{name}: styles, gzip", f"{int(style) / 1000:.1f} kB", "10 kB")


def _first_paint(page: Page, instance: ServedInstance) -> None:
    for name, address in (("Runs", "/ui/runs"), ("Run", f"/ui/runs/{instance.newest('shop/daily_report')}")):
        page.goto(address)
        page.get_by_role("main").locator(".row").first.wait_for()
        say(f"{name}: first paint", f"{page.evaluate(_FIRST_PAINT):.0f} ms", "400 ms")


def _tree(page: Page, instance: ServedInstance) -> None:
    run = instance.newest("media/wide")
    begun, cpu_s = time.monotonic(), instance.cpu_s()
    size = len(instance.fetch("GET", f"/v1/task-runs/{run}/tree").content)
    say("tree of 10,000: the API's answer", f"{(time.monotonic() - begun) * 1000:.0f} ms", "300 ms")
    say("tree of 10,000: the orchestrator's CPU for it", f"{(instance.cpu_s() - cpu_s) * 1000:.0f} ms", "300 ms")
    say("tree of 10,000: its size", f"{size / 1000:.0f} kB", "1,000 kB")
    page.goto(f"/ui/runs/{run}")
    page.get_by_role("treeitem").nth(1).wait_for()
    say("tree of 10,000: first rows", f"{page.evaluate('performance.now()'):.0f} ms", "1,000 ms")
    page.get_by_role("treeitem").nth(1).click()
    page.get_by_role("treeitem").nth(20).wait_for()
    times = page.get_by_role("tree").evaluate(_FRAMES)
    say("tree of 10,000: scrolling, p95 of frames", f"{times[int(len(times) * 0.95)]:.0f} ms", "33 ms")
    say("tree of 10,000: rows in the page", f"{page.get_by_role('treeitem').count()}", "100")


def _watched(page: Page, instance: ServedInstance) -> CDPSession:
    """A tree that is told changes as the API tells them, in the page: the browser's own work counts, not the server's."""
    run = instance.newest("media/wide")
    members = [row[0] for row in instance.get(f"/v1/task-runs/{run}/tree")["runs"]]
    page.add_init_script(_told_in_page(members))
    page.goto(f"/ui/runs/{run}")
    page.get_by_role("treeitem").nth(1).wait_for()
    page.evaluate("window.tell(0)")
    page.wait_for_timeout(3_000)
    return page.context.new_cdp_session(page)


def _changes(page: Page, instance: ServedInstance) -> None:
    client = _watched(page, instance)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})  # CPU, however busy the host is
    idle = _busy_s(client, page)
    page.evaluate(f"window.tell({CHANGES_A_SECOND})")
    busy = _busy_s(client, page)
    say(f"{CHANGES_A_SECOND} changes a second, beside an idle page's", f"{(busy - idle) * 100:.1f} %", "5 %")
    _leak(page, client)


def _leak(page: Page, client: CDPSession) -> None:
    """Once every run has changed, the heap stays as large as it is."""
    page.evaluate(f"window.tell({CHANGES_A_SECOND})")
    page.wait_for_timeout(_WATCHED_S * 1_000)
    page.evaluate(f"window.tell({_LEAK_CHANGES_A_SECOND})")
    before = _heap_bytes(client)
    say("heap at the beginning", f"{before / 1e6:.2f} MB", "")
    for look in range(1, _LOOKS + 1):
        page.wait_for_timeout(_LEAK_S * 1_000 / _LOOKS)
        say(f"heap after {_LEAK_S * look / _LOOKS:.0f} s", f"{_heap_bytes(client) / 1e6:.2f} MB", "")
    grown, changes = _heap_bytes(client) - before, _LEAK_CHANGES_A_SECOND * _LEAK_S
    say(f"what {changes:,} changes leave in memory", f"{grown / 1e6:+.2f} MB", "1 MB")


def _busy_s(client: CDPSession, page: Page) -> float:
    before = _task_s(client)
    page.wait_for_timeout(_WATCHED_S * 1_000)
    return (_task_s(client) - before) / _WATCHED_S


def _heap_bytes(client: CDPSession) -> int:
    """What is used once all is collected that can be."""
    for _ in range(2):
        client.send("HeapProfiler.collectGarbage")
    return int(client.send("Runtime.getHeapUsage")["usedSize"])


def _task_s(client: CDPSession) -> float:
    metrics: Any = client.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")


def _told_in_page(members: list[str]) -> str:
    return """
const members = %s;
window.EventSource = class {
  constructor() { this.listeners = {}; window.source = this; setTimeout(() => this.onopen?.({})); }
  addEventListener(name, listener) { this.listeners[name] = listener; }
  close() {}
};
let number = 0, timer;
window.tell = (rate) => {
  clearInterval(timer);
  if (!rate) return;
  timer = setInterval(() => {
    for (let index = 0; index < rate / 20; index += 1) {
      number += 1;
      const id = members[1 + number %% (members.length - 1)];
      const change = { id, root: members[0], parent: members[0], workflow: "media", task: "media/watch", status: "r",
        createdAt: Date.now() - 5000, startedAt: Date.now() - 1000, attempts: 1, isWarm: false, spans: [[10, 20, null]] };
      window.source.listeners.change?.({ data: JSON.stringify(change), lastEventId: `${number}-0` });
    }
  }, 50);
};
""" % json.dumps(members)  # noqa: UP031  # braces are the language's own


def _log(page: Page, instance: ServedInstance) -> None:
    shared = {"timestamp": "2026-11-26T05:00:00Z", "attempt": 0, "stream": "stdout"}
    lines = [shared | {"message": f"line {number} of many", "cursor": f"0:{number}-0.0"} for number in range(_LINES)]

    def answer(route: Route) -> None:
        done = "cursor=" in route.request.url
        route.fulfill(content_type="application/json", body="[]" if done else json.dumps(lines))

    page.route("**/logs?*", answer)
    page.goto(f"/ui/runs/{instance.newest('shop/daily_report')}")
    page.get_by_text("100,000 lines").wait_for()
    times = page.get_by_role("log").evaluate(_FRAMES)
    say("log of 100,000 lines: scrolling, p95 of frames", f"{times[int(len(times) * 0.95)]:.0f} ms", "33 ms")
    say("log of 100,000 lines: rows in the page", f"{page.locator('.line').count()}", "100")


if __name__ == "__main__":
    main()
