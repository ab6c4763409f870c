"""Pages in a real browser, of a real orchestrator whose containers are coroutines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.leftovers import ROOT
from tests.ui.support.browsing import OPTIONS, chromium
from tests.ui.support.served import ServedInstance

WIDE = {"width": 1360, "height": 850}
_WAIT_MS = 60_000
_NETWORK_CHANGED = "ERR_NETWORK_CHANGED"
"""Other tests' containers come and go; pages ask again."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as the host has it; only until the end of the file, for Playwright keeps an event loop running in this thread."""
    found = chromium()
    if found is None:
        pytest.skip("there is no Chromium on this host: make setup installs it on Debian")
    expect.set_options(timeout=_WAIT_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedInstance]:
    """An orchestrator with some hours of runs behind it."""
    instance = ServedInstance(tmp_path_factory.mktemp("served"))
    instance.start()
    yield instance
    instance.stop()


@pytest.fixture(scope="module")
def context(browser: Browser, served: ServedInstance) -> Iterator[BrowserContext]:
    """A browser that is signed in; each test has a page of its own in it."""
    made = browser.new_context(viewport=WIDE, base_url=served.url)  # type: ignore[arg-type]
    made.set_default_timeout(_WAIT_MS)
    made.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.url)
    page = made.new_page()
    page.goto(served.link())
    page.close()
    yield made
    made.close()


@pytest.fixture
def complaints() -> list[str]:
    """What pages wrote to the console as errors; a test that expects some clears it."""
    return []


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    """A page, whose test fails when it complains."""

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and _NETWORK_CHANGED not in message.text:
            complaints.append(f"{message.text} ({message.location.get('url')})")

    made = context.new_page()
    made.on("console", heard)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    made.close()
    assert complaints == []


@pytest.fixture(scope="module")
def axe() -> str:
    """The program that looks for what people cannot read, reach or hear."""
    script: Path = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        pytest.skip("axe is not installed: scripts/npm ui check does it, where Node is")
    return script.read_text()
