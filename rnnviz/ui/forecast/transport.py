"""Train, Stop and Continue, and what the run is doing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from rnnviz.ui import engine, preload, run_buttons, run_status, run_words
from rnnviz.ui.controls import Controls
from rnnviz.ui.forecast import choice, source, status
from rnnviz.ui.forecast.shown import FOUND, KIND, Shown
from rnnviz.ui.session import Session

_ASKED = {"stop": "Stopping …"}


def draw(controls: Controls, shown: Shown | None, missing: str) -> None:
    """The buttons in a row, and the state of the run beside them. ``missing``: why nothing can be trained, or ""."""
    session = controls.session
    same = shown is not None and source.same(shown, session)
    # A part has a button of its own that leads; Train goes elsewhere.
    primary = shown is None or session.view.part not in FOUND
    offered = status.buttons(shown, session.forecast, same=same, missing=missing, primary=primary)
    pressed, beside = run_buttons.row(offered, (1.2, 1.0, 4.6))
    if pressed:
        run_buttons.act(choice.memory(), _action(session, shown, pressed, offered[pressed].label))
    with beside:
        _status(session, shown, same, missing)


def _action(session: Session, shown: Shown | None, name: str, label: str) -> Callable[[], None]:
    """What pressing a button does."""
    runs, owner = engine.runs(), engine.owner()

    def begin() -> None:
        table = source.table(session)
        assert table is not None
        preload.ensure()
        from rnnviz.forecast import stored

        sample, config = session.view.sample, session.forecast
        spec = stored.spec("forecast", config, table) | {"sample": sample, "target": table.target}
        own = source.sources().own
        if sample == "own" and own is not None:
            spec["reading"] = dict(own.overrides)  # for the code that reads the file in the same way
        id = runs.submit(KIND, spec, owner, status.name_of(table.name, config))
        known = choice.memory()
        known.followed = known.last[sample] = id
        source.sources().trained[id] = source.mark(session)
        choice.show(session, id)
        session.view = replace(session.view, part="forecast")

    def ask() -> None:
        assert shown is not None
        (runs.resume if label == "Continue" else runs.stop)(shown.run.id, owner)
        choice.memory().asked = (shown.run.id, "" if label == "Continue" else name)

    return begin if name == "train" else ask


def _status(session: Session, shown: Shown | None, same: bool, missing: str) -> None:
    known = choice.memory()
    if shown is None:
        words = missing or "Press Train to see how well this series can be forecast."
        st.html(f"<div class='rv-status'><p class='rv-onward'>{words}</p></div>")
    else:
        first = run_status.asked(known, shown, _ASKED) or status.onward(shown)
        other = "" if same else source.name(session)
        new = missing or status.differing(shown, session.forecast, other)
        more = new if shown.example and new else f"{first} {new}".strip()
        series = status.series_of(shown)
        head = f"{run_words.headline(shown.run, shown.place)}: {series}" if series else ""
        st.html(
            run_words.html(
                shown.run, head or run_words.headline(shown.run, shown.place), status.detail(shown), more
            )
        )
    run_buttons.troubles(known)
