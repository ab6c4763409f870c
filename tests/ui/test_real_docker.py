"""The page of an orchestrator on real Docker: somebody finds the failed one of many, reads why, and runs it with another input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.live_instance import LiveInstance

pytestmark = [pytest.mark.docker, pytest.mark.browser]
SHOP = Path(__file__).parent / "shop"


@pytest.fixture
def page(browser: Browser, live: LiveInstance) -> Iterator[Page]:
    """Signed in."""
    with live.http() as api:
        link = api.post("/sessions", json={}).json()["url"]
    made = browser.new_page(base_url=live.url, viewport={"width": 1360, "height": 850})
    made.goto(link)
    yield made
    made.close()


@pytest.fixture(scope="module", autouse=True)
def _shop(live: LiveInstance) -> None:
    assert live.deploy(SHOP, "shop")["status"] == "ready"


def test_the_failed_one_of_many_is_found_read_and_run_again_with_another_input(page: Page, live: LiveInstance) -> None:
    with live.client() as client:
        client.start("shop/daily_report", [10])
    page.goto("/ui/runs?workflow=shop")
    row = page.get_by_role("listitem").filter(has_text="daily_report")
    expect(row).to_contain_text("order 3 was declined")
    row.get_by_role("link").click()
    page.get_by_role("button", name="First failure").click()
    expect(page.get_by_role("log")).to_contain_text("declined: code 51")
    page.get_by_label("Whose").select_option("whole tree")
    expect(page.get_by_role("log")).to_contain_text("charging 10 orders")
    page.get_by_role("tab", name="Events").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("task began")
    page.get_by_role("button", name="Run again").click()
    page.get_by_label("Input").fill("[4]")
    page.get_by_role("button", name="Run with this input").click()
    expect(page.locator("header .state")).to_contain_text("completed after")
    page.get_by_role("tab", name="Result").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("rcpt_4")


def test_a_line_that_a_program_writes_over_is_seen_to_change_and_kept_as_it_ended(
    page: Page, live: LiveInstance
) -> None:
    page.goto(f"/ui/runs/{live.start_running('shop/pack')}")
    begun = page.locator(".begun")
    expect(begun).to_have_text(re.compile(r"^packing \d+ %$"))
    expect(begun).not_to_have_text(begun.inner_text())
    expect(page.locator("header .state")).to_contain_text("completed after")
    expect(begun).to_have_count(0)
    expect(page.get_by_role("log")).to_have_text(re.compile(r"^\s*packing 100 %, packed\s*$"))
