"""Every page: it opens, says what is there, and can be read and used by everybody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.ui.support.served import ServedInstance
from tests.wait import until

pytestmark = pytest.mark.browser

ADDRESSES = {
    "runs": ("/ui/", "daily_report"),
    "failed runs": ("/ui/runs?status=failed&roots=0", "CardDeclined"),
    "workflows": ("/ui/workflows", "shop"),
    "workflow": ("/ui/workflows/shop", "daily_report"),
    "system": ("/ui/system", "orchestrator"),
    "nothing": ("/ui/nowhere", "There is no such page"),
}
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def rows(page: Page) -> Locator:
    return page.get_by_role("treeitem")


def violations(page: Page, axe: str, *, tags: Sequence[str] = (), rules: Sequence[str] = ()) -> list[str]:
    """What axe finds, in a line each."""
    page.evaluate(axe)
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": tags}
    found: Any = page.evaluate("only => axe.run(document, { runOnly: only, resultTypes: ['violations'] })", only)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_page_opens_and_says_what_is_there(page: Page, name: str) -> None:
    address, text = ADDRESSES[name]
    page.goto(address)
    expect(page.get_by_role("main").get_by_text(text).filter(visible=True).first).to_be_visible()


def test_nothing_stands_between_a_page_and_its_readers(page: Page, served: ServedInstance, axe: str) -> None:
    run = served.newest("shop/daily_report")
    for address in ["/ui/runs?status=failed", f"/ui/runs/{run}?tab=attempts", "/ui/workflows/shop", "/ui/system"]:
        page.goto(address)
        page.get_by_role("main").locator("li, .row, dd").first.wait_for()
        assert violations(page, axe, tags=_TAGS) == [], address
        page.emulate_media(color_scheme="dark")
        assert violations(page, axe, rules=["color-contrast"]) == [], address
        page.emulate_media(color_scheme="light")


def test_a_page_fits_a_phone(page: Page, served: ServedInstance) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for address in ["/ui/runs", f"/ui/runs/{served.newest('shop/daily_report')}", "/ui/workflows/shop", "/ui/system"]:
        page.goto(address)
        page.get_by_role("main").locator("li, .row, dd").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


def test_somebody_finds_the_failed_one_of_sixty_and_runs_it_again_with_another_input(
    page: Page, served: ServedInstance
) -> None:
    page.goto("/ui/")
    page.get_by_role("listitem").filter(has_text="daily_report").first.get_by_role("link").click()
    expect(rows(page).filter(has_text="×60")).to_contain_text("59")
    page.get_by_role("button", name="First failure").click()
    expect(page.get_by_role("log").get_by_text("insufficient funds").first).to_be_visible()
    page.get_by_role("button", name="Run again").click()
    page.get_by_label("Input").fill("[18]")
    page.get_by_role("button", name="Run with this input").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("charge")
    expect(page.locator("header .state")).to_contain_text("completed after")
    page.get_by_role("tab", name="Result").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("rcpt_18")


def test_the_keyboard_leads_everywhere(page: Page) -> None:
    page.goto("/ui/runs?task=shop/daily_report")
    page.get_by_role("listitem").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(rows(page).first).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator(".row.selected")).to_contain_text("charge")
    page.keyboard.press("k")
    expect(page.locator(".row.selected")).to_contain_text("fetch_orders")
    page.keyboard.press("e")
    expect(rows(page).filter(has_text="fetch_orders")).to_have_count(1)  # it is looked at
    page.keyboard.press("k")
    expect(rows(page).filter(has_text="fetch_orders")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.get_by_placeholder("Search")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    def leads_to_system() -> bool:
        page.keyboard.press("g")
        page.keyboard.press("s")  # soon after, which a busy host need not manage
        return page.url.endswith("/ui/system")

    until(leads_to_system, "g and s to lead to the page of the system")


def test_what_a_page_shows_is_in_its_address(page: Page) -> None:
    page.goto("/ui/runs?task=shop/charge&status=failed&roots=0&q=declined")
    expect(page.get_by_role("button", name="Failed")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Task")).to_have_value("shop/charge")
    expect(page.get_by_role("listitem").first).to_contain_text("CardDeclined")
    page.get_by_role("button", name="Clear").click()
    expect(page).to_have_url(re.compile("/ui/runs$"))


def test_the_runs_of_a_version_are_found_from_it(page: Page, complaints: list[str]) -> None:
    page.goto("/ui/workflows/shop?version=v1")
    page.get_by_role("link", name="Runs of v1").click()
    expect(page).to_have_url(re.compile(r"version=shop%2Fv1"))
    expect(page.get_by_role("listitem").first).to_contain_text("shop")
    page.get_by_role("button", name="shop/v1").click()
    expect(page).to_have_url(re.compile(r"/ui/runs\?workflow=shop&roots=0$"))
    page.goto("/ui/runs?version=shop%2Fv99")
    expect(page.get_by_role("alert")).to_contain_text("v99")
    complaints.clear()


def test_what_asks_for_a_run_again_is_copied(page: Page, served: ServedInstance) -> None:
    page.goto(f"/ui/runs/{served.newest('shop/charge')}")
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("button", name="As Python").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert 'Client().run("shop/charge", ' in page.evaluate("navigator.clipboard.readText()")


def test_a_task_is_run_from_a_form_of_its_parameters(page: Page) -> None:
    page.goto("/ui/workflows/media")
    page.get_by_role("button", name="Run watch").click()
    page.get_by_label("seconds").fill("never")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("a number is wanted")).to_be_visible()
    page.get_by_label("seconds").fill("0.2")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("header .state")).to_contain_text("completed after")
    expect(page.get_by_role("log")).to_contain_text("line 1")


def test_a_log_is_searched_and_kept(page: Page, served: ServedInstance) -> None:
    page.goto(f"/ui/runs/{served.newest('media/encode')}")
    page.get_by_placeholder("Search").fill("FRAME")
    expect(page.get_by_text("1 of 20")).to_be_visible()
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_text("20 of 20")).to_be_visible()
    expect(page.locator(".hit.now")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert "fps=47" in download.value.path().read_text()


def test_a_browser_that_is_not_signed_in_is_told_how(browser: Browser, served: ServedInstance) -> None:
    with closing(browser.new_page(base_url=served.url)) as page:
        page.goto("/ui/runs")
        expect(page.get_by_text("orchestrator ui", exact=True)).to_be_visible()


def test_the_log_of_a_tree_says_whose_each_line_is_and_leads_there(page: Page, served: ServedInstance) -> None:
    page.goto(f"/ui/runs/{served.newest('shop/daily_report')}")
    page.get_by_label("Whose").select_option("whole tree")
    expect(page.get_by_role("log", name="Log of the tree")).to_be_visible()
    page.get_by_placeholder("Search").fill("code 51")
    expect(page.get_by_text("1 of ")).to_be_visible()
    page.locator(".line", has=page.locator(".hit.now")).get_by_role("button").click()
    expect(page.locator(".row.selected")).to_contain_text("charge")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert "fetch_orders#" in download.value.path().read_text()


def test_what_happened_to_a_run_is_told_in_order(page: Page, served: ServedInstance) -> None:
    page.goto(f"/ui/runs/{served.newest('shop/daily_report')}?tab=events")
    events = page.get_by_role("tabpanel").get_by_role("listitem")
    expect(events.first).to_contain_text("asked for")
    expect(events.filter(has_text="asked for charge, 60 runs")).to_have_count(1)
    events.filter(has_text="charge failed").get_by_role("button").click()
    expect(page.locator(".row.selected")).to_contain_text("charge")


def test_a_task_is_paused_for_a_reason_and_goes_on(page: Page) -> None:
    page.goto("/ui/workflows/media")
    page.get_by_role("button", name="Pause thumbnail").click()
    page.get_by_label("Why, for whoever").fill("the disk is moved")
    page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    expect(page.get_by_text("paused: the disk is moved")).to_be_visible()
    page.get_by_role("button", name="Resume thumbnail").click()
    expect(page.get_by_text("paused: the disk is moved")).to_have_count(0)


def test_a_workflow_says_how_long_its_tasks_took(page: Page) -> None:
    page.goto("/ui/workflows/shop")
    expect(page.get_by_role("listitem").filter(has_text="charge").first).to_contain_text("p95")
    expect(page.get_by_role("img", name=re.compile("runs ended in the last six hours"))).to_be_visible()
    expect(page.locator("canvas")).to_have_count(2)
