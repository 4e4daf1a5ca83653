"""Whose a run is, and the workers of the server."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from rnnviz.runs import default, pool
from rnnviz.ui import engine, owner, preload, server


async def _page(request: Request) -> HTMLResponse:
    return HTMLResponse("<p>page</p>", status_code=int(request.query_params.get("status", "200")))


async def _data(request: Request) -> JSONResponse:
    return JSONResponse({})


APP = Starlette(routes=[Route("/page", _page), Route("/data", _data)], middleware=server.middleware())
TOKEN = "0123456789abcdefABCDEF_-01234567"


def cookies(path: str, cookie: str | None = None, scheme: str = "http", query: str = "") -> list[str]:
    """The cookies that an answer sets."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"cookie", cookie.encode("latin-1"))] if cookie is not None else []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": headers,
    }
    asyncio.run(APP({**scope, "scheme": scheme}, receive, send))
    return [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]


def test_a_page_brings_an_owner_s_cookie_that_scripts_cannot_read() -> None:
    (first,), (second,) = cookies("/page"), cookies("/page")
    name, _, rest = first.partition("=")
    token, *rules = rest.split("; ")
    assert name == owner.NAME
    assert owner.looks_right(token)
    assert set(rules) == {"Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Lax"}
    assert first != second
    assert cookies("/page", scheme="https")[0].endswith("; Secure")


def test_only_pages_bring_it_and_only_to_those_who_have_none() -> None:
    assert cookies("/data") == []
    assert cookies("/page", query="status=404") == []
    assert cookies("/page", f"a=b; {owner.NAME}={TOKEN}") == []
    for wrong in (
        "",
        f"{owner.NAME}=",
        f"{owner.NAME}=short",
        f"{owner.NAME}={TOKEN}<",
        "\xff\xfe;;=",
        "a=b",
    ):
        assert len(cookies("/page", wrong)) == 1, wrong


def _script() -> None:
    import streamlit as st

    from rnnviz.ui import engine

    st.text(engine.owner())


def test_without_the_cookie_the_owner_lasts_as_long_as_the_page() -> None:
    first, second = AppTest.from_function(_script).run(), AppTest.from_function(_script).run()
    token = first.text[0].value
    assert owner.looks_right(token)
    assert first.run().text[0].value == token
    assert second.text[0].value != token


def test_the_cookie_counts_where_it_looks_right(monkeypatch: pytest.MonkeyPatch) -> None:
    class Context:
        cookies = {owner.NAME: TOKEN}  # noqa: RUF012

    monkeypatch.setattr(owner.st, "context", Context)
    assert engine.owner() == TOKEN
    Context.cookies[owner.NAME] = "too short"
    app = AppTest.from_function(_script).run()
    assert owner.looks_right(app.text[0].value)


def test_the_runs_are_those_of_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_DATA_DIR", str(tmp_path))
    assert engine.runs() is default()
    assert engine.runs().store.folder == tmp_path


def test_the_workers_start_after_torch_and_the_pool_ends_with_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setenv("RNNVIZ_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(engine, "PAUSE", 0.02)
    monkeypatch.setattr(preload, "PAUSE", 60.0)
    monkeypatch.setattr(preload, "done", threading.Event())
    monkeypatch.setattr(pool.Pool, "start", lambda self: seen.append("started"))
    monkeypatch.setattr(pool.Pool, "close", lambda self: seen.append("closed"))

    async def serve() -> None:
        async with server.lifespan(None):
            await asyncio.sleep(0.1)
            assert seen == []
            preload.done.set()
            for _ in range(100):
                await asyncio.sleep(0.02)
                if seen:
                    break
            assert seen == ["started"]

    asyncio.run(serve())
    assert seen == ["started", "closed"]


def test_a_folder_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("RNNVIZ_DATA_DIR", str(tmp_path / "file" / "data"))
    runs = engine.runs()
    assert (runs.get("x"), runs.rows("x"), runs.mine("me"), runs.place("x")) == (None, [], [], None)
    assert runs.trouble.startswith(f"Runs cannot be stored in {tmp_path / 'file' / 'data'} (Not a directory)")
