"""People without a browser: Streamlit's own protocol over a WebSocket, with the messages a browser sends."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect

OK = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class RunError(Exception):
    """A run that did not end well, or showed an exception."""


@dataclass
class Person:
    """One visitor of one page, who can move its slider for the weight scale.

    The slider is Streamlit's own, or the live slider of the given key, whichever the server sends. The link
    is kept as the browser's address bar would keep it.
    """

    url: str
    page: str = ""
    query: str = ""
    key: str = "live_scale"
    socket: ClientConnection | None = None
    widgets: dict[str, WidgetState] = field(default_factory=dict)
    slider: Any = None
    script: str = ""
    fragment: str = ""
    sequence: int = 0
    bytes: int = 0

    async def __aenter__(self) -> "Person":
        address = self.url.replace("http://", "ws://") + "/_stcore/stream"
        # A browser compresses if the server offers it; the default settings do not.
        self.socket = await connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=60)  # type: ignore[list-item]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.socket is not None:
            await self.socket.close()

    async def visit(self) -> float:
        """Run the page for the first time; seconds until the script has finished."""
        return await self._run(ClientState(page_name=self.page, query_string=self.query))

    async def move(self, value: float) -> float:
        """Move the slider; seconds until the script has finished and all its messages are here."""
        if self.slider is None:
            raise RunError("the page has no slider for the weight scale")
        identity = self.slider.id
        if self.slider.DESCRIPTOR.name == "Slider":
            state = WidgetState(id=identity)
            state.double_array_value.data.append(value)
        else:
            self.sequence += 1
            sent = {"v": value, "seq": self.sequence, "version": self._data().get("version", 0)}
            state = WidgetState(id=identity, json_value=json.dumps({"value": sent}))
        self.widgets[identity] = state
        client = ClientState(
            page_script_hash=self.script,
            fragment_id=self.fragment,
            query_string=self.query,
            widget_states=WidgetStates(widgets=list(self.widgets.values())),
        )
        return await self._run(client)

    def _data(self) -> dict[str, Any]:
        kind = self.slider.WhichOneof("data")
        return dict(json.loads(self.slider.json if kind == "json" else self.slider.mixed.json))

    async def _run(self, client: ClientState) -> float:
        assert self.socket is not None
        began = time.perf_counter()
        await self.socket.send(BackMsg(rerun_script=client).SerializeToString())
        problem = ""
        while True:
            raw = await self.socket.recv()
            self.bytes += len(raw)
            message = ForwardMsg.FromString(raw)  # type: ignore[arg-type]
            kind = message.WhichOneof("type")
            if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                problem = problem or self._element(message.delta.new_element, message.delta.fragment_id)
            elif kind == "new_session":
                self.script = message.new_session.page_script_hash
            elif kind == "navigation":
                self.script = message.navigation.page_script_hash
            elif kind == "script_finished":
                if message.script_finished not in OK:
                    problem = problem or f"the script ended with status {message.script_finished}"
                break
        if problem:
            raise RunError(problem)
        return time.perf_counter() - began

    def _element(self, element: Any, fragment: str) -> str:
        kind = element.WhichOneof("type")
        if kind == "exception":
            return f"{element.exception.type}: {element.exception.message}"
        if kind == "slider" and "Weight scale" in element.slider.label:
            self.slider, self.fragment = element.slider, fragment
        if kind == "bidi_component":
            component = element.bidi_component
            if component.id.endswith(f"-{self.key}"):
                self.slider, self.fragment = component, fragment
            elif component.id.endswith("-rnnviz_tail"):
                self.query = json.loads(component.json)["query"]
        return ""


async def visit_and_leave(url: str, page: str, query: str) -> None:
    """Open the page once and close it."""
    async with Person(url, page, query) as person:
        await asyncio.wait_for(person.visit(), 120)
