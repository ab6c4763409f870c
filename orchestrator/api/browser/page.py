"""The page's files, as `npm run build` in ui/ left them; needs no key, for they say nothing of this instance."""

from __future__ import annotations

import html
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from orchestrator.api import deps
from orchestrator.api.browser import notice

router = APIRouter(include_in_schema=False)

PREFIX: Final = "/ui/"
_INDEX: Final = "index.html"
_HASHED: Final = "assets/"
"""Files whose names change with what is in them."""
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_ASK_EACH_TIME: Final = {"Cache-Control": "no-cache"}
_NOT_BUILT: Final = """<p>It runs Python functions as workflow tasks, each run in a Docker container of its own. The page that shows
them is not built here. In a checkout, with Node:</p>
<pre>npm --prefix ui ci
npm --prefix ui run build</pre>
<h2>From the command line</h2>
<pre>orchestrator init my-tasks         # a workflow to begin with
orchestrator deploy my-tasks
orchestrator run my-tasks/sum_squares 3 4
orchestrator runs list             # --help says the rest</pre>
<h2>From any program</h2>
<p>The key is the content of the file api-key in the data directory of the orchestrator, by default ~/.orchestrator.</p>
<pre>curl {url}v1/task-runs \\
     -H "Authorization: Bearer $(cat ~/.orchestrator/api-key)"</pre>
<p>In Python, <code>orchestrator_sdk.Client()</code> finds both by itself on this machine. <code>/openapi.json</code> (with the key)
describes the whole API; <code>/healthz</code> says whether it is well, without one. The documentation is README.md and docs/ of the
project.</p>"""


@router.get(PREFIX.rstrip("/"))
async def lead_to_page() -> Response:
    """Its address ends in a slash."""
    return RedirectResponse(PREFIX, HTTPStatus.SEE_OTHER)


@router.api_route(PREFIX + "{path:path}", methods=["GET", "HEAD"])
async def serve(path: str, request: Request) -> Response:
    """A file, or the page, which knows itself what its other addresses mean."""
    folder = deps.of(request).page
    if not (folder / _INDEX).is_file():
        body = _NOT_BUILT.format(url=html.escape(str(request.base_url)))
        return notice.page(HTTPStatus.OK, "Orchestrator", body)
    files = StaticFiles(directory=folder)
    try:
        found = await files.get_response(path or _INDEX, request.scope)
    except HTTPException:
        if path.startswith(_HASHED):
            raise
        path, found = _INDEX, await files.get_response(_INDEX, request.scope)
    found.headers.update(_HEADERS | (_FOR_EVER if path.startswith(_HASHED) else _ASK_EACH_TIME))
    return found
