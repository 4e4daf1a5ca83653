"""Widgets for choices that stand in no link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st


def segment(
    key: str, label: str, options: Mapping[str, str], value: str, *, hidden: bool = False, most: int = 40
) -> str:
    """A row of buttons, or a select box; whatever the browser sends, one of the options.

    ``options`` are values with their labels; ``most`` is how many letters there is room for on buttons. ``value`` is
    what was chosen so far. It goes along as the default, so that
    a browser that missed the first drawing, because another one overtook it, shows it too.
    """
    default: str | None = value
    if key in st.session_state and st.session_state[key] not in options:
        st.session_state[key], default = value, None
    visibility: Literal["collapsed", "visible"] = "collapsed" if hidden else "visible"
    values = list(options)
    chosen: str | None
    if sum(map(len, options.values())) > most:
        chosen = st.selectbox(
            label,
            values,
            index=0 if default is None else values.index(default),
            format_func=lambda name: options[name],
            key=key,
            label_visibility=visibility,
        )
    else:
        chosen = st.segmented_control(
            label,
            values,
            default=default,
            required=True,
            format_func=lambda name: options[name],
            key=key,
            label_visibility=visibility,
        )
    return chosen if chosen is not None and chosen in options else value
