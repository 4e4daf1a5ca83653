"""What the browser loads besides Streamlit itself: plotly.js, the chart templates, the components' modules.

Every address holds a version or a digest of what it serves, so browsers may keep it for ever. plotly.js is
compressed once, at its first request. Nothing here imports plotly before a template is asked for.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import posixpath
import re
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Event, Lock

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

HERE = Path(__file__).parent
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
HINTED = {"cell": "cell/cell.js"}
"""The module with so many imports that a page's document hints at them, by the page's path."""

_NAMED = re.compile(r'"(\.{1,2}/[^"]+\.(?:js|css))"')
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)
_lock = Lock()

controls_served = Event()
"""Set once a browser has fetched the last file that it needs to draw a slider."""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


@cache
def _modules() -> dict[str, bytes]:
    """The scripts and style sheets of the components, by their path from here."""
    return {
        path.relative_to(HERE).as_posix(): path.read_bytes()
        for path in sorted(HERE.rglob("*.*"))
        if path.suffix in (".js", ".css")
    }


@cache
def modules_digest() -> str:
    """One digest over all modules: they import each other, so they change address together."""
    return _digest(b"\0".join(name.encode() + b"\0" + text for name, text in _modules().items()))


@cache
def plotly_script() -> bytes:
    """plotly.js as it lies in the installed plotly package, found without importing the package."""
    spec = importlib.util.find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise ValueError("expected an installed plotly package, got none, do `pip install plotly`")
    return (Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js").read_bytes()


@cache
def templates() -> bytes:
    """The chart templates as JSON: ``light``, ``dark``, ``light-present``, ``dark-present``."""
    from rnnviz.figures.theme import template_dicts

    return json.dumps(template_dicts(), separators=(",", ":")).encode()


@cache
def plotly_url() -> str:
    """The address of plotly.js; it holds the version of the Python package that brought it."""
    return f"/assets/plotly-{version('plotly')}.min.js"


@cache
def templates_url() -> str:
    """The address of the templates. The first call builds them, which imports plotly."""
    return f"/assets/templates-{_digest(templates())}.json"


def module_url(name: str) -> str:
    """The address of a component's module or style sheet, such as ``live_chart.js``."""
    if name not in _modules():
        raise ValueError(f"expected one of {', '.join(_modules())}; got {name!r}")
    return f"/assets/{modules_digest()}/{name}"


@cache
def needed(name: str) -> tuple[str, ...]:
    """A module and all modules and style sheets that it names, and those that they name, by their path from here."""
    found = [name]
    for one in found:  # grows on the way
        for named in _NAMED.findall(_modules()[one].decode()):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(one), named))
            found += [path] if path not in found else []
    return tuple(found)


@cache
def hints(page: str) -> str:
    """The ``Link`` header of a page's document: what is to be fetched beside Streamlit's own scripts; "" for nothing.

    Else each level of imports would be found only when the one above it is there, and the first one only when the
    page's script has run: the animated cell came a second later. Charts, with fewer levels, gain nothing.
    """
    if page not in HINTED:
        return ""
    kinds = {".js": "modulepreload", ".css": "preload; as=style"}
    return ", ".join(f"<{module_url(name)}>; rel={kinds[Path(name).suffix]}" for name in needed(HINTED[page]))


def shim(name: str, reserve: str = "") -> str:
    """The few lines that Streamlit sends along with a component at each run: they load the real module once.

    Streamlit repeats a component's script in every message, so it has to be short. ``reserve`` is a
    JavaScript expression of ``c`` (the component's arguments) for the height in pixels to keep free until the
    module is there.
    """
    hold = f'c.parentElement.style.minHeight ||= ({reserve}) + "px";' if reserve else ""
    return f"""
const url = new URL("{module_url(name)}", location.origin).href;
let loading;
const load = () => (loading ??= import(url).catch((e) => {{ loading = undefined; throw e; }}));
export default async (c) => {{ {hold} return (await load()).default(c); }};
"""


@cache
def _gzipped(content: bytes) -> bytes:
    # mtime=0: the same bytes on every replica.
    return gzip.compress(content, 6, mtime=0)


def _respond(request: Request, content: bytes, kind: str, *, current: bool) -> Response:
    """The content, compressed where the browser takes it; kept for ever if the address is the current one."""
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if current else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if _GZIP.search(request.headers.get("accept-encoding", "")):
        # Without the lock two first visitors would compress the same five megabytes at once.
        with _lock:
            content = _gzipped(content)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=kind, headers=headers)


def _serve(content: Callable[[], bytes], url: Callable[[], str], kind: str) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        body = content()
        return _respond(request, body, kind, current=request.url.path == url())

    return endpoint


def _module(request: Request) -> Response:
    known = request.path_params
    name, digest = posixpath.join(known.get("folder", ""), known["name"]), known["digest"]
    content = _modules().get(name)
    if content is None:
        return PlainTextResponse("There is no such file.", status_code=404)
    if name == "live_slider.css":
        controls_served.set()
    # After an update an open page still asks by the old digest: better the new file than none.
    return _respond(request, content, TYPES[Path(name).suffix], current=digest == modules_digest())


def routes() -> list[BaseRoute]:
    """The routes of all assets. The endpoints are plain functions: Starlette runs them in threads."""
    return [
        Route("/assets/plotly-{version}.min.js", _serve(plotly_script, plotly_url, TYPES[".js"])),
        Route("/assets/templates-{digest}.json", _serve(templates, templates_url, TYPES[".json"])),
        Route("/assets/{digest}/{name}", _module),
        Route("/assets/{digest}/{folder:path}/{name}", _module),
    ]
