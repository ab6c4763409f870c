"""A plain page of our own, for what the page itself cannot say: that it is not built, or that a link is worth nothing."""

from __future__ import annotations

import html
from http import HTTPStatus
from typing import Final

from fastapi import Response

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Orchestrator</title>
<style>
  :root {{ color-scheme: light dark }}
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem }}
  pre {{ padding: 1rem; overflow-x: auto; border: 1px solid #8885; border-radius: .4rem }}
</style>
<h1>{title}</h1>
{body}
</html>
"""


def page(status: HTTPStatus, title: str, body: str) -> Response:
    """The page; `body` is HTML."""
    return Response(_PAGE.format(title=html.escape(title), body=body), status, HEADERS, media_type="text/html")


def notice(status: HTTPStatus, title: str, message: str, command: str) -> Response:
    """The page with a sentence, and the command that helps."""
    return page(status, title, f"<p>{html.escape(message)}</p>\n<pre>{html.escape(command)}</pre>")
