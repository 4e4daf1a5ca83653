"""The series at the side: a sample, or a file that is dropped there."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import streamlit as st

from rnnviz.forecast import limits
from rnnviz.runs import settings
from rnnviz.typed import quoted
from rnnviz.ui.forecast import choice, source
from rnnviz.ui.session import Session
from rnnviz.ui.view import FIELD

MEGABYTES = limits.UPLOADED // 1024**2


def draw(session: Session) -> None:
    """Which series, and the place to drop a file."""
    known, field, labels = source.sources(), FIELD["sample"], _labels()
    with st.container(key="forecast_series"):
        session.sync("f_sample", session.view.sample)
        if st.session_state["f_sample"] not in field.values:
            st.session_state["f_sample"] = session.view.sample
        chosen = st.selectbox(
            field.label, list(field.values), format_func=labels.__getitem__, key="f_sample", help=field.help
        )
        # No callback: a timer that overtakes what was dropped brings the former series along once more.
        if chosen in field.values and chosen != session.view.sample:
            _show(session, chosen)
        key = f"forecast_file_{known.uploads}"
        st.file_uploader(
            "A file of prices",
            key=key,
            max_upload_size=MEGABYTES,
            on_change=_dropped,
            args=(key,),
            label_visibility="collapsed",
        )
        # One in the place of the other, so that the settings below stay where they are.
        if known.error:
            st.html(f"<p class='rv-trouble' role='alert'>{escape(known.error)}</p>")
        else:
            st.html(f"<p class='rv-kept'>{escape(privacy())}</p>")


def privacy() -> str:
    """Where a file is kept, for how long, who can see it, and how to delete it."""
    days = settings.keep_seconds() / 86400
    return (
        "Your file stays in this tab. Train keeps its prices with the run, for you and whoever has its link, until "
        f"{days:g} days after it ended, or until you delete it under Your runs."
    )


def _labels() -> dict[str, str]:
    own = source.sources().own
    labels = dict(FIELD["sample"].choices)
    return labels if own is None else labels | {"own": quoted(own.name, marks=False)}


def _show(session: Session, sample: str) -> None:
    """Another series: the forecast of it that was shown last, else its example."""
    session.view = replace(session.view, sample=sample)
    choice.show(session, choice.memory().last.get(sample, ""))
    choice.follow(session)
    session.synced["f_sample"] = session.version  # the box itself is ahead of all others


def _dropped(key: str) -> None:
    """Read what was dropped, before the page is drawn. An empty uploader takes the place of this one."""
    known, file = source.sources(), st.session_state.get(key)
    if file is None:
        return
    known.uploads += 1
    content = file.getvalue()
    if len(content) > limits.UPLOADED:
        known.error = f"{file.name}: larger than {MEGABYTES} MB. Cut it to the rows that are to be forecast."
        return
    source.wish(True, content, file.name)
