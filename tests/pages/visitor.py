"""A visitor without a browser: Streamlit's AppTest, dragged sliders, and charts read back as numbers.

AppTest answers each gesture with a run of the whole script. A browser runs only the fragment that holds the
widget, and so does the visitor here.
"""

import json
import re
import struct
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import PropertyMock, patch
from urllib.parse import parse_qsl

import numpy as np
from streamlit.components.v2 import manifest_scanner
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.context import ContextProxy
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from rnnviz.experiment import Experiment
from rnnviz.ui import assets, wire
from rnnviz.ui.owner import NAME
from rnnviz.ui.session import Session
from rnnviz.ui.view import View

# Each AppTest would read the metadata of all that is installed anew, which takes as long as a page.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

ROUTER = Path(assets.__file__).parent / "router.py"
PAGES = ("home", "gates", "cell", "states", "gradients")
"""The pages that show an experiment."""

EVERY_PAGE = (*PAGES, "attention", "training", "forecast", "claims")


class Visitor:
    """One browser tab. After each run nothing may have failed, and the address is what the page wrote.

    Tabs of one ``owner`` send the same cookie; without one the browser keeps none.
    """

    def __init__(self, page: str = "home", *, owner: str = "", **query: str) -> None:
        self.cookies = {NAME: owner.ljust(32, "0")} if owner else {}
        self.app = AppTest.from_file(ROUTER, default_timeout=60)
        self.address: dict[str, str] = {}
        self.messages: list[Any] = []
        self.go(page, **query)

    # What a visitor does

    def go(self, page: str, **query: str) -> "Visitor":
        """Open a page: a click on the menu has an empty address, a link brings its own."""
        self.address = query
        self.app.switch_page(f"../../pages/{page}.py")
        return self.run()

    def visit(self, **query: str) -> "Visitor":
        """The address changes by something other than the app: back, forward, a link to the same page."""
        self.address = query
        return self.run()

    def run(self) -> "Visitor":
        """Run the script with the present address and the widgets as they stand."""
        return self._run(self.app._tree.get_widget_states())

    def send(self, key: str, state: Any) -> "Visitor":
        """What the component of that key sends, as it comes over the wire; ``state`` need not make sense."""
        states = self.app._tree.get_widget_states()
        text = state if isinstance(state, str) else json.dumps(state)
        states.widgets.append(WidgetState(id=self.component(key).id, json_value=text))
        return self._run(states, self.component(key).id)

    def forge(self, key: str, kind: str, value: Any) -> "Visitor":
        """What a manipulated browser sends for one of Streamlit's own widgets, as ``kind`` of WidgetState."""
        (widget,) = [node for node in self.app._tree if getattr(node, "key", None) == key]
        states = self.app._tree.get_widget_states()
        (state,) = [state for state in states.widgets if state.id == widget.proto.id]
        state.ClearField(state.WhichOneof("value"))
        if kind == "string_array_value":
            state.string_array_value.data[:] = value
        else:
            setattr(state, kind, value)
        return self._run(states, widget.proto.id)

    def drag(self, name: str, value: float | None) -> "Visitor":
        """Drag the live slider of a setting."""
        key = f"live_{name}"
        version = self.slider(name)["version"]
        return self.send(key, {"value": {"v": value, "seq": 1, "version": version}})

    def choose(self, name: str, value: str) -> "Visitor":
        return self._touch(self.app.selectbox(key=f"w_{name}").set_value(value))

    def press(self, name: str, *values: str) -> "Visitor":
        """Leave exactly these buttons of a row pressed."""
        known = re.compile(rf"w_{name}(_\d+)?")
        (group,) = [row for row in self.app.get("button_group") if known.fullmatch(row.key or "")]
        return self._touch(group.set_value(list(values) if name == "cells" else values[0]))

    def toggle(self, name: str) -> "Visitor":
        widget = self.app.toggle(key=f"w_{name}")
        return self._touch(widget.set_value(not widget.value))

    def type(self, name: str, text: str) -> "Visitor":
        return self._touch(self.app.text_input(key=f"w_{name}").set_value(text))

    def click(self, label: str) -> "Visitor":
        (button,) = [button for button in self.app.button if button.label == label]
        return self._touch(button.click())

    def fragment_of(self, widget: str) -> str | None:
        """The fragment that holds the widget of that id."""
        known = self.app._session_state._state._new_widget_state.widget_metadata
        return known[widget].fragment_id if widget in known else None

    def _touch(self, widget: Any) -> "Visitor":
        return self._run(self.app._tree.get_widget_states(), widget.id)

    def _run(self, states: WidgetStates, widget: str = "") -> "Visitor":
        self.app.query_params = dict(self.address)
        pages = self.app._registered_pages
        fragment = self.fragment_of(widget)
        cookies = PropertyMock(return_value=self.cookies)
        with (
            patch.object(app_test, "LocalScriptRunner", partial(_Runner, self, fragment)),
            patch.object(ContextProxy, "cookies", cookies),
        ):
            self.app._run(states)
        if fragment:
            self.app._registered_pages = pages
        assert not self.app.exception, [box.message for box in self.app.exception]
        self.address = dict(parse_qsl(self.tail["query"], keep_blank_values=True))
        return self

    # What a visitor sees

    @property
    def session(self) -> Session:
        found: Session = self.app.session_state["session"]
        return found

    @property
    def experiment(self) -> Experiment:
        return self.session.experiment

    @property
    def view(self) -> View:
        return self.session.view

    @property
    def tail(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.component("rnnviz_tail").json)
        return found

    def slider(self, name: str) -> dict[str, Any]:
        """What Python sent to a live slider."""
        found: dict[str, Any] = json.loads(self.component(f"live_{name}").json)
        return found

    def component(self, key: str) -> Any:
        (found,) = [element.proto for element in self.app.get("bidi_component") if element.key == key]
        return found

    def chart(self, key: str) -> dict[str, Any]:
        """The figure of a chart as the browser has it."""
        return unpack(self.component(key).bytes)

    def charts(self) -> Iterator[dict[str, Any]]:
        for element in self.app.get("bidi_component"):
            if element.proto.bytes:
                yield unpack(element.proto.bytes)

    @property
    def html(self) -> str:
        return "\n".join(element.proto.body for element in self.app.get("html"))

    @property
    def markdown(self) -> list[str]:
        """All that Streamlit renders as Markdown: text, labels, help."""
        words = [element.value for kind in (self.app.markdown, self.app.caption) for element in kind]
        words += [element.value for element in self.app.toast]
        for element in self.app._tree:
            proto = getattr(element, "proto", None)
            words += [getattr(proto, part, "") for part in ("label", "help")]
        return [word for word in words if isinstance(word, str) and word]


class _Runner(local_script_runner.LocalScriptRunner):
    """AppTest's runner, told which fragment to run, with all that is on the page besides left in place."""

    def __init__(self, visitor: Visitor, fragment: str | None, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.visitor, self.fragment = visitor, fragment
        if fragment:
            self.forward_msg_queue._queue = list(visitor.messages)
            # The runner begins with a request for a whole run, which would swallow that for a part.
            self._requests = ScriptRequests()
            self._pages_manager._set_pages(visitor.app._registered_pages)

    def run(self, *args: Any, **more: Any) -> Any:
        with patch.object(local_script_runner, "RerunData", partial(RerunData, fragment_id=self.fragment)):
            tree = super().run(*args, **more)
        self.visitor.messages = self.forward_msgs()
        return tree


def unpack(message: bytes) -> dict[str, Any]:
    """The header of a chart's message with its arrays in their places, as ``wire.js`` reads it."""
    length, _ = struct.unpack_from("<II", message)
    head: dict[str, Any] = json.loads(message[8 : 8 + length])
    arrays, at = [], 8 + length + -length % 8
    for kind, count, shape, low, step in head["arrays"]:
        raw = np.frombuffer(message, "<" + kind, count, at)
        at += -(-raw.nbytes // 8) * 8
        value = raw if low is None else np.where(raw == wire.GAP, np.nan, low + step * raw.astype("f8"))
        arrays.append(value.reshape(shape) if shape else value)

    def restored(value: Any) -> Any:
        if isinstance(value, dict):
            return arrays[value["$a"]] if "$a" in value else {key: restored(v) for key, v in value.items()}
        return [restored(inner) for inner in value] if isinstance(value, list) else value

    return {**head, "data": restored(head["data"]), "layout": restored(head["layout"])}


def strings(value: Any) -> Iterator[str]:
    """Every string anywhere in a figure."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)
