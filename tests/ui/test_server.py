"""The server's own part: a policy that lets nothing in from outside, headers, readiness, and the preloading."""

import asyncio
import base64
import hashlib
import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import streamlit
import torch
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from rnnviz.ui import compute, preload, server

HEADERS = {
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
}


async def _refuse(request: Request) -> PlainTextResponse:
    return PlainTextResponse("no", status_code=403)


APP = Starlette(routes=[Route("/refuse", _refuse), *server.routes()], middleware=server.middleware())


def get(path: str, kind: str = "http") -> tuple[int, dict[str, str], bytes]:
    """A GET request straight to the ASGI app."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.request" if kind == "http" else "websocket.connect", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": kind, "method": "GET", "path": path, "query_string": b"", "headers": []}
    asyncio.run(APP(scope, receive, send))
    pairs = [(name.decode(), value.decode()) for name, value in sent[0].get("headers", [])]
    assert len(pairs) == len(dict(pairs)), "a header came twice"
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0].get("status", 0), dict(pairs), body


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The state before torch was loaded; it ends with the test."""
    monkeypatch.setattr(preload, "done", threading.Event())
    monkeypatch.setattr(preload, "FLUSH", 0.0)
    monkeypatch.setattr(preload, "PAUSE", 0.0)
    monkeypatch.setattr(preload.gc, "freeze", lambda: None)


def directives() -> dict[str, list[str]]:
    parts = [part.split() for part in server.content_security_policy().split(";")]
    return {part[0]: part[1:] for part in parts}


def test_the_policy_names_no_place_outside() -> None:
    policy = server.content_security_policy()
    assert "*" not in re.sub(r"'sha256-[^']+'", "", policy)
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    found = directives()
    assert found["default-src"] == ["'self'"]
    assert found["connect-src"] == ["'self'"]
    assert found["object-src"] == ["'none'"]
    assert found["frame-ancestors"] == ["'self'"]
    assert found["base-uri"] == ["'self'"]
    assert "'unsafe-inline'" not in found["script-src"]
    allowed = {"'self'", "'none'", "'unsafe-inline'", "data:", "blob:"}
    assert {source for sources in found.values() for source in sources if "sha256" not in source} <= allowed


def test_the_inline_scripts_of_streamlit_s_page_pass_by_their_hash() -> None:
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    scripts = re.findall(rb"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    inline = [script for attributes, script in scripts if b"src=" not in attributes]
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in inline}
    assert hashes
    assert {source for source in directives()["script-src"] if "sha256" in source} == hashes


@pytest.mark.parametrize("path", ["/readyz", "/refuse", "/nothing", "/assets/nothing", "/"])
def test_every_answer_carries_the_headers(path: str) -> None:
    status, headers, _ = get(path)
    assert status in (200, 403, 404, 503)
    assert set(headers) >= HEADERS
    assert headers["content-security-policy"] == server.content_security_policy()
    assert headers["x-content-type-options"] == "nosniff"


def test_assets_keep_their_own_headers() -> None:
    from rnnviz.ui import assets

    status, headers, body = get(assets.plotly_url())
    assert (status, len(body) > 10**6) == (200, True)
    assert "immutable" in headers["cache-control"]
    assert set(headers) >= HEADERS


def test_a_page_says_what_its_picture_will_need() -> None:
    from rnnviz.ui import assets

    assert "cell/cell.js" in assets.hints("cell")
    assert sent("text/html; charset=utf-8", "/cell")[b"link"] == assets.hints("cell").encode()
    assert b"link" not in sent("application/json", "/cell")
    assert b"link" not in sent("text/html", "/gates")


def sent(kind: str, path: str) -> dict[bytes, bytes]:
    """The headers of an answer of this kind."""
    starts: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", kind.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def send(message: Any) -> None:
        starts.append(message)

    asyncio.run(server.Headers(inner)({"type": "http", "path": path}, None, send))  # type: ignore[arg-type]
    return dict(starts[0]["headers"])


def test_what_is_not_http_passes_untouched() -> None:
    seen: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    wrapped = server.Headers(inner)
    for kind in ("websocket", "lifespan"):
        scope, receive, send = {"type": kind}, object(), object()
        asyncio.run(wrapped(scope, receive, send))  # type: ignore[arg-type]
        assert seen[-1] == (scope, receive, send)


@pytest.mark.usefixtures("cold")
def test_ready_only_once_everything_is_loaded() -> None:
    status, headers, body = get("/readyz")
    assert (status, body) == (503, b'{"ready":false}')
    assert set(headers) >= HEADERS
    preload.ensure()
    assert get("/readyz")[::2] == (200, b'{"ready":true}')


@pytest.mark.usefixtures("cold")
def test_many_at_once_load_once_and_all_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    warmed, finished = [], []

    def slow() -> None:
        warmed.append(time.monotonic())
        time.sleep(0.1)
        finished.append(time.monotonic())

    monkeypatch.setattr(compute, "warm", slow)
    returned: list[bool] = []

    def visit() -> None:
        preload.ensure()
        returned.append(bool(finished))

    threads = [threading.Thread(target=visit) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(warmed) == 1
    assert returned == [True] * 16
    preload.ensure()
    assert len(warmed) == 1
    assert torch.get_num_threads() == 1


@pytest.mark.usefixtures("cold")
def test_a_failure_is_not_taken_for_readiness(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no")

    with monkeypatch.context() as patch:
        patch.setattr(compute, "warm", broken)
        with pytest.raises(RuntimeError):
            preload.ensure()
    assert not preload.done.is_set()
    preload.ensure()
    assert preload.done.is_set()


@pytest.mark.usefixtures("cold")
def test_the_server_loads_by_itself_after_a_pause() -> None:
    async def serve() -> bool:
        async with server.lifespan(None):
            for _ in range(500):
                await asyncio.sleep(0.01)
                if preload.done.is_set():
                    return True
        return False

    assert asyncio.run(serve())


@pytest.mark.usefixtures("cold")
def test_a_server_that_stops_at_once_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preload, "PAUSE", 60.0)

    async def serve() -> None:
        async with server.lifespan(None):
            await asyncio.sleep(0)

    start = time.monotonic()
    asyncio.run(serve())
    assert time.monotonic() - start < 5
    assert not preload.done.is_set()
