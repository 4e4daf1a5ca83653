"""Which run a page shows: what is remembered of a visitor, the server's examples, settings that come with a run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from rnnviz.chosen import Chosen
from rnnviz.runs import RunsError
from rnnviz.ui import engine, watchers
from rnnviz.ui.run_buttons import Memory
from rnnviz.ui.session import Session

if TYPE_CHECKING:
    from rnnviz.runs import Runs

Kind = TypeVar("Kind", bound=Memory)


def memory(name: str, kind: type[Kind]) -> Kind:
    """What is remembered of this visitor under that name, made at the first call."""
    if name not in st.session_state:
        st.session_state[name] = kind()
    found: Kind = st.session_state[name]
    return found


class Examples:
    """The runs of one kind that the server computes once for everybody. ``known`` holds their ids by store and key."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.known: dict[tuple[Runs, Hashable], str] = {}
        self._lock = threading.Lock()

    def id_of(self, runs: Runs, owner: str, key: Hashable, spec: Callable[[], Mapping[str, Any]]) -> str:
        """The id of an example. It is submitted when somebody first looks, and again when it is gone or has failed.

        Raises :class:`rnnviz.runs.RunsError` where it cannot be had.
        """
        with self._lock:
            run = runs.get(self.known[runs, key]) if (runs, key) in self.known else None
            if run is None or run.state == "failed":
                self.known.pop((runs, key), None)
                self.known[runs, key] = runs.submit(self.kind, spec(), owner, title="Example", shared=True)
            return self.known[runs, key]


def take_over(session: Session, where: str, found: Chosen, query: str, id: str) -> None:
    """Bring the settings of a run into the session's value ``where``. ``query`` is the parameter that names the run.

    A link that has settings of its own keeps them: they were set after the run was started. What stands in no link
    (a text of one's own) comes from the run where all else is the same.
    """
    mine: Chosen = getattr(session, where)
    names = {field.query for field in type(found).fields}
    apart = session.adopted.get(query) == id and names & set(session.adopted)
    if mine != found and not (apart and mine.to_query() != found.to_query()):
        setattr(session, where, found)
        session.version += 1


def active(ids: Iterable[str], *, listed: bool = False) -> bool:
    """Whether one of the runs will change by itself, "" being none; ``listed``: or any of this visitor's.

    Where an id cannot be had (:class:`rnnviz.runs.RunsError` while they are counted up) nothing changes.
    """
    try:
        runs = engine.runs()
        if any(id and (run := runs.get(id)) is not None and run.active for id in ids):
            return True
        return listed and any(one.active for one in runs.mine(engine.owner()))
    except RunsError:
        return False


def pause(known: Memory, moving: bool) -> float | None:
    """Seconds until the page looks at its run again, or None where that does not move by itself."""
    known.pause = watchers.pause(watchers.count(id(known)), known.pause) if moving else None
    return known.pause


def delete(known: Memory, id: str) -> bool:
    """Delete a run of this visitor; whether that could be done. Why not stands beside the buttons then."""
    known.error = ""
    try:
        engine.runs().delete(id, engine.owner())
    except RunsError as error:
        known.error = str(error)
    return not known.error
