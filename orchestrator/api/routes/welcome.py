"""What whoever comes by without a key is told: what this is, and how to talk to it. It says nothing of this instance."""

from __future__ import annotations

import html
from typing import Final

from fastapi import APIRouter, Request, Response

from orchestrator.api import schemas
from orchestrator.api.responses import answer

router = APIRouter(include_in_schema=False)

_WHERE_KEY_IS: Final = (
    "the content of the file api-key in the data directory of the orchestrator, by default ~/.orchestrator"
)
_ABOUT: Final = schemas.Welcome(
    name="orchestrator",
    message="runs Python functions as workflow tasks, each run in a Docker container of its own",
    api="/v1",
    description="/openapi.json",
    health="/healthz",
    key=f"Authorization: Bearer KEY, where KEY is {_WHERE_KEY_IS}",
)
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
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
<h1>Orchestrator</h1>
<p>It runs Python functions as workflow tasks, each run in a Docker container of its own. This is its HTTP API: there is nothing
to click here, and every other page wants its key.</p>
<h2>From the command line</h2>
<pre>orchestrator init my-tasks         # a workflow to begin with
orchestrator deploy my-tasks
orchestrator run my-tasks/sum_squares 3 4
orchestrator runs list             # --help says the rest</pre>
<h2>From any program</h2>
<p>The key is {key}.</p>
<pre>curl {url}v1/task-runs \\
     -H "Authorization: Bearer $(cat ~/.orchestrator/api-key)"</pre>
<p>In Python, <code>orchestrator_sdk.Client()</code> finds both by itself on this machine. <code>/openapi.json</code> (with the key)
describes the whole API; <code>/healthz</code> says whether it is well, without one. The documentation is README.md and docs/ of the
project.</p>
</html>
"""


@router.get("/", response_model=schemas.Welcome)
async def welcome(request: Request) -> Response:
    """A page for people in browsers, the same in short for programs."""
    if "text/html" not in request.headers.get("accept", ""):
        return answer(_ABOUT, headers=_HEADERS)
    page = _PAGE.format(key=html.escape(_WHERE_KEY_IS), url=html.escape(str(request.base_url)))
    return Response(page, headers=_HEADERS, media_type="text/html")
