"""The page's types are made of what the API says of itself."""

from __future__ import annotations

from tests.leftovers import ROOT
from tests.ui.support import openapi


def test_the_page_knows_the_api_as_it_is() -> None:
    kept = (ROOT / "ui" / "openapi.json").read_text()
    assert kept == openapi.text(), "python -m tests.ui.support.openapi > ui/openapi.json, and npm run check in ui/"
