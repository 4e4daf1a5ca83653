"""A trained network in place of the experiment: what /gates, /cell, /states and /gradients show with ``?model=<run>``.

The experiment lies aside meanwhile: who leaves the network finds it as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz import fields
from rnnviz.experiment import FIELDS as EXPERIMENT_FIELDS
from rnnviz.experiment import Experiment
from rnnviz.registry import CELLS
from rnnviz.ui import charts, shell
from rnnviz.ui import session as sessions
from rnnviz.ui import view as views
from rnnviz.ui.controls import MOST_CELLS, Controls, plain
from rnnviz.ui.session import OF_PAGE, Session

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from rnnviz.ui.opened_kind import Opened, WayBack

REFRESH = 4.0
"""Seconds after which the picture of a network that is being trained is drawn anew."""

_CSS = (Path(__file__).parent / "opened.css").read_text("utf-8")

ASIDE, LINK = "opened_aside", "opened_link"
"""Where the session's state keeps the experiment while a trained network is shown, and the link that was seen last."""

_EXPERIMENT = {known.query for known in EXPERIMENT_FIELDS}


def page(body: Callable[[Controls], None], trained: Callable[[Controls, Opened], None]) -> None:
    """Draw a page of the experiment with ``body``, or of the trained network in the link with ``trained``."""
    session = sessions.current()
    if not session.view.model:  # nothing of the engine is loaded before somebody asks for it
        shell.page(lambda controls: _plain(controls, body))
        return

    def either(controls: Controls) -> None:
        from rnnviz.ui import networks

        found = find(session)
        if found is not None:
            try:
                trained(controls, found)
            except networks.NotYetError:  # deleted, or out of reach, at this very moment
                shell.findings([networks.trouble()])
        elif session.view.model:
            _instead(controls, body)
        else:
            _plain(controls, body)

    shell.page(either, side_bar=True if find(session) is None else _side_bar, every=lambda: _every(session))


def find(session: Session) -> Opened | None:
    """The trained network that the visitor has opened, or None where there is none."""
    if not session.view.model:
        return None
    from rnnviz.ui import networks

    _lay_aside(session)
    cells = networks.cells_of(session.view.model)
    if not cells:
        return None
    asked = session.experiment.cells[0]
    if asked not in cells:
        shown = next((cell for cell in session.experiment.cells if cell in cells), cells[0])
        if session.adopted.get("model") == session.view.model and "cell" in session.adopted:
            words = f"The {CELLS[asked].label} took no part in this run: the {CELLS[shown].label} is shown."
            st.toast(plain(words), icon=":material/link_off:")
        _show(session, with_first(session.experiment, shown))
    return networks.load(session.view.model, session.experiment.cells)


def link(session: Session, run: str, cell: str) -> dict[str, str]:
    """The query of a link that opens a network of a run, and keeps all that is set besides.

    The experiment is laid aside at once, so that leaving the network finds even the order of its cells.
    """
    if session.view.model:
        _lay_aside(session)
    else:
        st.session_state[ASIDE] = session.experiment
    view = replace(session.view, model=run, weights="after", example=0)
    shown = [known for known in views.FIELDS if not any(known.name in names for names in OF_PAGE.values())]
    experiment = with_first(session.experiment, cell)
    return experiment.to_query() | fields.format(shown, view, omit_defaults=True)


def leave(session: Session) -> None:
    """Back to the experiment as it was before."""
    session.view = replace(session.view, model="", weights="after", example=0)
    session.version += 1
    _show(session, st.session_state.pop(ASIDE, session.experiment))


def with_first(experiment: Experiment, cell: str) -> Experiment:
    """The experiment with that cell as its main one; the others keep their order behind it."""
    rest = [name for name in experiment.cells if name != cell]
    return replace(experiment, cells=(cell, *rest)[:MOST_CELLS])


def settings(controls: Controls, found: Opened, *, several: bool = False) -> Opened:
    """What stands in place of the experiment's settings: a strip with what is shown, its switches, and the way out.

    With ``several`` any cells of the run go on one chart, else one of them is shown in detail. Gives what is opened
    once the choices are made.
    """
    session = controls.session
    choice = len(found.every) > 1
    if several and choice:
        controls.cells(found.every)
    with _strip(session, [1.95, 3.1, 3.2] if choice and not several else [3.15, 5.1]) as (
        *cells,
        weights,
        words,
    ):
        for place in cells:
            with place:
                controls.cell(found.every)
        if found.trained:
            with weights:
                controls.segment("weights")
        controls.keep()
        now = found.showing(session.experiment.cells)
        # No line ends within a number such as 1.6 × 10⁻⁴.
        banner = now.banner(session.view, several=several).replace(" × ", "\u00a0×\u00a0")
        words.html(f"<p class='rv-opened'>{banner}</p>")
    return now


@contextmanager
def _strip(session: Session, widths: list[int | float]) -> Iterator[list[DeltaGenerator]]:
    """A strip over the picture, with places of these widths and the way out at its end."""
    st.html(f"<style>{_CSS}</style>")
    with st.container(key="opened"):
        *places, out = st.columns([*widths, 1.05], vertical_alignment="center", gap="small")
        yield places
    if out.button("Leave", key="leave_network", icon=":material/close:", type="tertiary", width="stretch"):
        leave(session)
        st.rerun()


def _plain(controls: Controls, body: Callable[[Controls], None]) -> None:
    """The experiment, remembered for the case that a link to a trained network comes next."""
    body(controls)
    st.session_state[ASIDE] = controls.session.experiment


def _instead(controls: Controls, body: Callable[[Controls], None]) -> None:
    """The experiment, under a line that says why no trained network is shown."""
    from rnnviz.ui import networks

    with _strip(controls.session, [8.25]) as (words,):
        words.html(f"<p class='rv-opened'>{networks.trouble()} What you see is the untrained experiment.</p>")
    _plain(controls, body)


def _side_bar(controls: Controls) -> None:
    """What the run is, in place of the settings of the experiment, and the ways on."""
    session = controls.session
    found = find(session)
    if found is None:
        return
    st.html(found.description())
    back = found.way_back
    st.page_link(
        charts.PAGES / f"{back.page}.py",
        label=back.label,
        icon=":material/arrow_forward:",
        query_params=_way_back(session, back),
    )
    st.button(
        "Leave the trained network",
        key="leave_at_the_side",
        icon=":material/close:",
        on_click=leave,
        args=(session,),
    )


def _way_back(session: Session, back: WayBack) -> dict[str, str]:
    """The query of the run's page, with all that is set besides."""
    view = replace(session.view, **back.view)
    experiment = fields.format(EXPERIMENT_FIELDS, session.experiment, omit_defaults=True)
    return experiment | fields.format(views.FIELDS, view, omit_defaults=True)


def _every(session: Session) -> float | None:
    """Seconds until the picture is drawn anew, while the run goes on."""
    from rnnviz.ui import engine

    run = engine.runs().get(session.view.model) if session.view.model else None
    return REFRESH if run is not None and run.active else None


def _show(session: Session, experiment: Experiment) -> None:
    if experiment != session.experiment:  # widgets are only to follow where something has changed
        session.experiment = experiment
        session.version += 1


def _lay_aside(session: Session) -> None:
    """Remember the experiment. Its cells are switched while a network is shown, and count for nothing here."""
    now, before = session.experiment, st.session_state.get(ASIDE)
    link, st.session_state[LINK] = st.session_state.get(LINK), session.adopted
    bare = "model" in session.adopted and not _EXPERIMENT & set(session.adopted) - {"cell"}
    if before is not None and bare and link is not session.adopted:
        # A link that says nothing of an experiment leaves it as it is.
        _show(session, with_first(before, now.cells[0]) if "cell" in session.adopted else before)
    elif before is None or replace(now, cells=before.cells) != before:
        st.session_state[ASIDE] = now
