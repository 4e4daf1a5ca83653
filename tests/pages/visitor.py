"""A visitor without a browser: Streamlit's AppTest, dragged sliders, and charts read back as numbers."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from rnnviz.experiment import Experiment
from rnnviz.ui import assets, wire
from rnnviz.ui.session import Session
from rnnviz.ui.view import View

ROUTER = Path(assets.__file__).parent / "router.py"
PAGES = ("home", "gates", "states", "gradients")


class Visitor:
    """One browser tab. After each run nothing may have failed, and the address is what the page wrote."""

    def __init__(self, page: str = "home", **query: str) -> None:
        self.app = AppTest.from_file(ROUTER, default_timeout=60)
        self.address: dict[str, str] = {}
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
        return self._run(states)

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
        return self._run(states)

    def drag(self, name: str, value: float | None) -> "Visitor":
        """Drag the live slider of a setting."""
        key = f"live_{name}"
        version = self.slider(name)["version"]
        return self.send(key, {"value": {"v": value, "seq": 1, "version": version}})

    def choose(self, name: str, value: str) -> "Visitor":
        self.app.selectbox(key=f"w_{name}").set_value(value)
        return self.run()

    def press(self, name: str, *values: str) -> "Visitor":
        """Leave exactly these buttons of a row pressed."""
        (group,) = [row for row in self.app.get("button_group") if row.key == f"w_{name}"]
        group.set_value(list(values) if name == "cells" else values[0])
        return self.run()

    def toggle(self, name: str) -> "Visitor":
        widget = self.app.toggle(key=f"w_{name}")
        widget.set_value(not widget.value)
        return self.run()

    def type(self, name: str, text: str) -> "Visitor":
        self.app.text_input(key=f"w_{name}").set_value(text)
        return self.run()

    def click(self, label: str) -> "Visitor":
        (button,) = [button for button in self.app.button if button.label == label]
        button.click()
        return self.run()

    def _run(self, states: WidgetStates) -> "Visitor":
        self.app.query_params = dict(self.address)
        self.app._run(states)
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
