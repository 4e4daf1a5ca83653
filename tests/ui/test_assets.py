"""The assets over HTTP: the right bytes, compressed or not, and kept as long as their address says."""

import asyncio
import gzip
import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import plotly
import pytest
from starlette.applications import Starlette

from rnnviz.ui import assets

APP = Starlette(routes=assets.routes())


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes


def get(path: str, encoding: str = "identity") -> Answer:
    """A GET request straight to the ASGI app, nothing decoded on the way."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"accept-encoding", encoding.encode())],
    }
    asyncio.run(APP(scope, receive, send))  # type: ignore[arg-type]
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


def test_plotly_is_the_installed_one_compressed_and_kept_for_ever() -> None:
    assert assets.plotly_url() == f"/assets/plotly-{version('plotly')}.min.js"
    expected = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()
    answer = get(assets.plotly_url(), "gzip, deflate, br")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(answer.content) < len(expected) / 2
    assert gzip.decompress(answer.content) == expected


def test_a_browser_that_takes_no_gzip_gets_plain_bytes() -> None:
    for refusal in ("identity", "gzip;q=0", "br"):
        answer = get(assets.module_url("live_chart.js"), refusal)
        assert "content-encoding" not in answer.headers
        assert answer.content == (assets.HERE / "live_chart.js").read_bytes()
        assert answer.headers["vary"] == "Accept-Encoding"


def test_the_templates_are_there_under_their_digest() -> None:
    answer = get(assets.templates_url())
    assert answer.headers["cache-control"].endswith("immutable")
    assert set(json.loads(answer.content)) == {"light", "dark", "light-present", "dark-present"}


def test_an_old_address_gives_the_present_file_and_is_not_kept() -> None:
    for old in ("/assets/000000000000/live_chart.js", "/assets/plotly-0.0.min.js"):
        answer = get(old)
        assert answer.status == 200
        assert answer.headers["cache-control"] == "no-cache"


def test_only_the_modules_are_served() -> None:
    digest = assets.modules_digest()
    for name in ("live_chart.py", "..%2F..%2Fpyproject.toml", "nothing.js"):
        assert get(f"/assets/{digest}/{name}").status == 404
    with pytest.raises(ValueError, match="expected one of"):
        assets.module_url("nothing.js")


def test_each_file_that_a_module_names_is_served_and_the_shim_is_short() -> None:
    modules = sorted(assets.HERE.rglob("*.js"))
    assert assets.HERE / "cell" / "sums" / "sums.js" in modules
    for path in modules:
        for quoted in path.read_text("utf-8").split('"')[1::2]:
            if quoted.startswith(".") and quoted.endswith((".js", ".css")):
                named = (path.parent / quoted).resolve().relative_to(assets.HERE.resolve()).as_posix()
                assert get(assets.module_url(named)).content == (assets.HERE / named).read_bytes()
    # Streamlit sends it with every message of a component.
    assert len(assets.shim("live_chart.js", "1")) < 500


def test_the_page_of_the_cell_hints_at_everything_that_its_picture_will_need() -> None:
    cards = ("cards.js", "drawing.js", "page.js", "clock.js", "timebar.js", "live_chart.css")
    assert assets.needed("cards.js") == cards
    cell = assets.needed("cell/cell.js")
    assert len(set(cell)) == len(cell)
    assert {f"cell/{path.name}" for path in (assets.HERE / "cell").glob("*.js")} - set(cell) == {
        "cell/hand_grid.js"
    }
    assert {"cell/cell.css", "cell/sums/sums.css", "live_chart.css", "wire.js"} < set(cell)
    hints = assets.hints("cell").split(", ")
    assert len(hints) == len(cell)
    assert f"<{assets.module_url('cell/sums/tree.js')}>; rel=modulepreload" in hints
    assert f"<{assets.module_url('cell/cell.css')}>; rel=preload; as=style" in hints
    # Fetched early, it would tell a server that has just started that the sliders are drawn.
    assert "live_slider.css" not in assets.hints("cell")
    assert assets.hints("gates") == assets.hints("nothing of ours") == ""


def test_nothing_heavy_is_loaded_at_import() -> None:
    code = (
        "import sys, rnnviz.ui.assets; print([m for m in ('torch', 'plotly', 'pandas') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
