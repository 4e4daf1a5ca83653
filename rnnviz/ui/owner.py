"""Whose a run is: a random token in a cookie, which the server sets and only the server reads.

It is no account. Who has the cookie may pause, stop and delete the runs that were started with it; who has a run's
link may look at it.
"""

from __future__ import annotations

import re
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAME = "rnnviz_owner"
YEAR = 365 * 86400


def owner() -> str:
    """The token of this visitor. Without the cookie (switched off, or no browser) it lasts as long as the page."""
    token = st.context.cookies.get(NAME)
    if isinstance(token, str) and looks_right(token):  # AppTest has neither browser nor cookies
        return token
    if NAME not in st.session_state:
        st.session_state[NAME] = secrets.token_urlsafe(24)
    kept: str = st.session_state[NAME]
    return kept


def looks_right(token: str) -> bool:
    """Whether a cookie's value may be one of ours."""
    return re.fullmatch(r"[A-Za-z0-9_-]{32,64}", token) is not None


class OwnerCookie:
    """ASGI middleware: a page that comes without the cookie goes out with one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the cookie to a page that is sent to somebody who has none."""
        if scope["type"] != "http" or _known(scope):
            await self.app(scope, receive, send)
            return

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = list(message.get("headers", []))
                if any(name.lower() == b"content-type" and b"text/html" in value for name, value in headers):
                    secure = "; Secure" if scope.get("scheme") == "https" else ""
                    rules = f"Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax{secure}"
                    cookie = f"{NAME}={secrets.token_urlsafe(24)}; {rules}"
                    message["headers"] = [*headers, (b"set-cookie", cookie.encode())]
            await send(message)

        await self.app(scope, receive, with_cookie)


def _known(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(NAME)
            except CookieError:
                continue
            if found is not None and looks_right(found.value):
                return True
    return False
