"""What the web server does besides the pages: assets, headers, the owner's cookie, torch and workers in good time."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from rnnviz.ui import assets, engine, preload
from rnnviz.ui.owner import OwnerCookie

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


@cache
def content_security_policy() -> str:
    """The policy that lets nothing in from outside; inline scripts of Streamlit's own page pass by their hash."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = "".join(
        f" 'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in inline
    )
    return (
        "default-src 'self'; connect-src 'self'; "
        f"script-src 'self' blob:{hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )


class Headers:
    """ASGI middleware that adds the security headers to every response, and to a page what it will need."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = [
            (b"content-security-policy", content_security_policy().encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers where a response starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self.headers]
                page = any(
                    name == b"content-type" and b"text/html" in kind for name, kind in message["headers"]
                )
                if page and (hints := assets.hints(scope["path"].strip("/"))):
                    message["headers"].append((b"link", hints.encode()))
            await send(message)

        await self.app(scope, receive, with_headers)


async def readyz(request: Request) -> JSONResponse:
    """503 until torch is loaded and the default pages are computed, then 200."""
    ready = preload.done.is_set()
    return JSONResponse({"ready": ready}, status_code=200 if ready else 503)


def routes() -> list[BaseRoute]:
    """plotly.js and the chart templates, and a readiness probe."""
    return [Route("/readyz", readyz), *assets.routes()]


def middleware() -> list[Middleware]:
    """The middleware of the app, outermost first."""
    return [Middleware(Headers), Middleware(OwnerCookie)]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Load torch soon after the start, but not in the way of a visitor who is already there; then start the workers."""
    tasks = [
        asyncio.create_task(one) for one in (preload.at_once(), preload.after_a_moment(), engine.working())
    ]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=1)
