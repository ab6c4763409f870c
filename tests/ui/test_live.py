"""Pages while things happen: runs go on, the orchestrator dies, thousands of rows come, and hostile text."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.ui.support.served import ServedInstance

pytestmark = pytest.mark.browser

HOSTILE = "\u202e<img src=x onerror=alert(1)>\x1b[31m</script>"
MANY = 10_000


def test_a_run_is_seen_to_go_on(page: Page, served: ServedInstance) -> None:
    page.goto("/ui/runs")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    run = served.submit("media/watch", 2)
    page.get_by_role("button", name="1 new run").click()
    row = page.get_by_role("listitem").filter(has_text=run[-6:])
    expect(row.get_by_role("img", name="completed")).to_be_visible()


def test_a_tree_grows_and_ends_before_ones_eyes(page: Page, served: ServedInstance) -> None:
    page.goto(f"/ui/runs/{served.submit('media/wide', 12, 1)}")
    expect(page.get_by_role("treeitem").filter(has_text="×12")).to_be_visible()
    expect(page.locator("header .state")).to_contain_text("completed after")
    expect(page.get_by_role("treeitem").filter(has_text="×12")).to_contain_text(re.compile(r"12\s*completed"))


def test_a_log_is_followed(page: Page, served: ServedInstance) -> None:
    page.goto(f"/ui/runs/{served.submit('media/watch', 3)}")
    expect(page.get_by_role("log").get_by_text("line 29")).to_be_visible()
    expect(page.get_by_text("30 lines")).to_be_visible()


def test_a_line_that_is_written_over_is_seen_before_it_ends(page: Page, served: ServedInstance) -> None:
    page.goto(f"/ui/runs/{served.submit('media/upload', 600)}?times=1")
    begun = page.locator(".begun")
    expect(begun).to_have_text(re.compile(r"\d+ files of many"))
    seen = begun.inner_text()
    expect(begun).not_to_have_text(seen)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("log")).to_contain_text("files of many")
    expect(begun).to_have_count(0)
    expect(page.get_by_text("1 line", exact=True)).to_be_visible()


def test_runs_are_found_by_a_tag(page: Page, served: ServedInstance) -> None:
    said = {"tags": ["nightly"], "metadata": {"customer": "acme"}}
    run = served.post("/v1/task-runs", {"task": "media/thumbnail", "input": ["a.png"], **said})["id"]
    page.goto(f"/ui/runs/{run}")
    expect(page.get_by_role("region", name="Run", exact=True)).to_contain_text("customer")
    page.get_by_role("link", name="nightly").click()
    expect(page.get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("listitem")).to_contain_text(run[-6:])
    page.get_by_label("Tag").fill("weekly")
    page.get_by_label("Tag").press("Enter")
    expect(page.get_by_text("No run is like that.")).to_be_visible()


def test_a_run_is_canceled(page: Page, served: ServedInstance) -> None:
    page.goto(f"/ui/runs/{served.submit('media/watch', 600)}")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("header .state")).to_contain_text("canceled")


def test_picked_runs_are_run_again(page: Page, served: ServedInstance) -> None:
    page.goto("/ui/runs?task=media/thumbnail")
    for place in (0, 1):
        page.get_by_role("listitem").nth(place).get_by_role("checkbox").check()
    page.get_by_role("button", name="Run again…").click()
    page.get_by_role("dialog").get_by_role("button", name="Run again").click()
    expect(page.get_by_text("2 runs started again")).to_be_visible()


def test_a_page_goes_on_when_the_orchestrator_was_killed_and_is_back(
    page: Page, served: ServedInstance, complaints: list[str]
) -> None:
    run = served.submit("media/watch", 2)
    page.goto(f"/ui/runs/{run}")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    served.kill()
    expect(page.get_by_text("reconnecting…")).to_be_visible()
    served.start()
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    expect(page.locator("header .state")).to_contain_text("completed after")
    complaints.clear()  # the browser's own words about connections that were refused


def test_a_tree_of_ten_thousand_runs_draws_what_is_seen(page: Page, served: ServedInstance) -> None:
    run = served.newest("shop/daily_report")

    def answer(route: Route) -> None:
        route.fulfill(content_type="application/json", body=json.dumps(_wide(run)))

    page.route("**/tree?*", answer)
    page.goto(f"/ui/runs/{run}")
    group = page.get_by_role("treeitem").filter(has_text="×10,000")
    group.click()
    expect(page.get_by_role("treeitem").nth(20)).to_be_visible()
    tree = page.get_by_role("tree")
    tree.evaluate("view => view.scrollTo(0, view.scrollHeight)")
    expect(page.get_by_role("treeitem").filter(has_text="the last")).to_be_visible()
    assert page.get_by_role("treeitem").count() <= 100


def _wide(run: str) -> dict[str, Any]:
    top: list[Any] = [run, -1, 0, "c", 0, 10, 90_000, 1, 0, None, [[5, 10, 90_000]]]
    children: list[list[Any]] = [
        [f"trn-{number:020}", 0, 1, "c", number, number + 5, number + 50, 1, 0, None, [[2, 5, 50]]]
        for number in range(MANY)
    ]
    children[-1][3:10] = ["f", MANY, MANY, MANY + 9, 1, 0, ["Error", "the last"]]
    return {
        "root": run,
        "columns": [
            "id", "parent", "task", "status", "createdAt", "startedAt", "completedAt", "attempts", "isWarm", "failure", "spans",
        ],
        "tasks": ["shop/top", "shop/child"],
        "runs": [top, *children],
        "counts": {"completed": MANY},
        "asOf": "0-0",
    }  # fmt: skip


def test_hostile_text_is_only_text(page: Page, served: ServedInstance) -> None:
    run = served.newest("shop/daily_report")
    tree = _wide(run)
    tree["tasks"] = [f"shop/{HOSTILE}", f"shop/{HOSTILE}"]
    tree["runs"] = tree["runs"][:3]
    tree["runs"][2][3:10] = ["f", 1, 2, 3, 1, 0, [HOSTILE, HOSTILE]]
    page.route("**/tree?*", lambda route: route.fulfill(content_type="application/json", body=json.dumps(tree)))
    page.goto(f"/ui/runs/{run}")
    expect(page.get_by_role("treeitem").nth(2)).to_contain_text("\\u202e<img src=x")
    logged = served.submit("media/thumbnail", HOSTILE)
    page.goto(f"/ui/runs/{logged}?tab=result")
    expect(page.get_by_role("tabpanel")).to_contain_text("\\u202e<img src=x")
    page.get_by_role("tab", name="Logs").click()
    expect(page.get_by_role("log")).to_contain_text("thumbnail of \\u202e<img src=x onerror=alert(1)></script>")
    assert page.locator("img[src]").count() == 0


def test_a_line_of_a_million_characters_is_cut_to_what_is_seen(page: Page, served: ServedInstance) -> None:
    page.goto(f"/ui/runs/{served.submit('media/thumbnail', 'x' * 1_000_000)}")
    expect(page.get_by_role("log")).to_contain_text("xxxxxxxxxx")
    assert page.get_by_role("log").evaluate("view => view.textContent.length") < 20_000
