"""Takes the pictures of the page for docs/images: `make screenshots`."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Browser, Page

from tests.leftovers import ROOT
from tests.ui.support.browsing import browsing, signed_in
from tests.ui.support.served import ServedInstance

IMAGES: Final = ROOT / "docs" / "images"
WIDE: Final = {"width": 1280, "height": 800}
PHONE: Final = {"width": 390, "height": 780}


def main() -> None:
    """All of them, in light and in dark."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with browsing() as (browser, instance):
        instance.submit("media/wide", 14, 100)
        for scheme in ("light", "dark"):
            _take(browser, instance, scheme, "", WIDE)
        _take(browser, instance, "light", "-phone", PHONE)


def _take(browser: Browser, instance: ServedInstance, scheme: Any, suffix: str, size: Any) -> None:
    page = signed_in(browser, instance, viewport=size, color_scheme=scheme)
    report = instance.newest("shop/daily_report")
    slow = instance.get("/v1/task-runs", task="shop/daily_report", status="completed", limit=1)[0]["taskRun"]["id"]
    render = instance.newest("shop/render_pdf")
    pages = {
        "runs": "/ui/runs",
        "run": f"/ui/runs/{report}",
        "waits": f"/ui/runs/{slow}",
        "attempts": f"/ui/runs/{render}?tab=attempts",
        "live": f"/ui/runs/{instance.newest('media/wide')}",
        "workflow": "/ui/workflows/shop",
        "system": "/ui/system",
    }
    for name, address in pages.items():
        page.goto(address)
        page.get_by_role("main").locator("li, .row, dd").first.wait_for()
        if name == "run":
            page.keyboard.press("f")
        page.wait_for_timeout(1_500)
        _save(page, f"{name}-{scheme}{suffix}")
    page.context.close()


def _save(page: Page, name: str) -> None:
    page.screenshot(path=IMAGES / f"{name}.png")
    print(IMAGES / f"{name}.png")  # noqa: T201


if __name__ == "__main__":
    main()
