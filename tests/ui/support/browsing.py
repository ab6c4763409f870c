"""A browser and an orchestrator for programs that are no tests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from tests.ui.support.served import ServedInstance

OPTIONS: Final = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def chromium() -> str | None:
    """Where this host has it."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def browsing(**environment: str) -> Iterator[tuple[Browser, ServedInstance]]:
    """Both, until the end of the block."""
    found = chromium()
    if found is None:
        raise SystemExit("there is no Chromium on this host: make setup installs it on Debian")
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        instance = ServedInstance(Path(home) / "o", environment=environment)
        instance.start()
        try:
            browser = playwright.chromium.launch(executable_path=found, args=OPTIONS)
            yield browser, instance
            browser.close()
        finally:
            instance.stop()


def signed_in(browser: Browser, instance: ServedInstance, **options: Any) -> Page:
    """A page of a browser that is signed in."""
    context = browser.new_context(base_url=instance.url, **options)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(instance.link())
    return page
