"""The live slider: it sends while it is dragged, as fast as the pictures come back and no faster."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from rnnviz.ui import assets

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_FORMAT = re.compile(r"%\+?(?:\.\d+)?[dfge]")


Number = int | float
"""What a slider counts in. Spelt out: to a strict checker an int is no float."""


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "rnnviz_live_slider", js=assets.shim("live_slider.js", "c.data.marks ? 74 : 58"), isolate_styles=False
    )


def decimals(*numbers: Number) -> int:
    """How many digits after the point it takes to write all of these numbers, at most 10."""
    for places in range(10):
        if all(math.isclose(round(number, places), number, abs_tol=1e-11) for number in numbers):
            return places
    return 10


def nearest(value: Number, minimum: Number, maximum: Number, step: Number) -> Number:
    """The legal value nearest to ``value``: ``minimum + n * step``, or ``maximum`` itself."""
    clamped = min(max(value, minimum), maximum)
    stop = min(minimum + round((clamped - minimum) / step) * step, maximum)
    # The last stop may lie less than a step below the maximum.
    if abs(maximum - clamped) < abs(stop - clamped):
        stop = maximum
    return round(stop, decimals(minimum, maximum, step))


def live_slider(
    label: str,
    *,
    key: str,
    value: Number | None,
    minimum: Number,
    maximum: Number,
    step: Number,
    help: str | None = None,
    format: str | None = None,
    unset_label: str | None = None,
    unset_at: Literal["min", "max"] = "min",
    marks: Mapping[Number, str] | None = None,
    disabled: bool = False,
    disabled_note: str | None = None,
    version: int = 0,
) -> Any:
    """Draw a slider and return its value: an int where minimum, maximum and step are, else a float; or None.

    ``value`` is what the slider shows at first, and again whenever ``version`` has changed: raise ``version``
    when something else than this slider (a preset, a link, a button) changed the value. Between two versions
    the visitor's hand decides, and ``value`` is not looked at; after a page switch the state is gone and
    ``value`` decides again. Comparing values instead of versions would not do: while a drag is under way the
    browser is always some values ahead, and an echo of an older one must not pull the thumb back.

    ``format`` is a printf pattern for one number ("%.2f", "%d steps"); default: as many decimals as ``step``
    has. With ``unset_label`` one more stop, at ``unset_at``, stands for None. ``marks`` puts small labels
    under the track. A disabled slider returns ``value``; ``disabled_note`` says why it is disabled. Whatever
    the browser sends is brought to the nearest legal value. Raises ``ValueError`` for an impossible range or
    format.
    """
    if not (math.isfinite(minimum) and math.isfinite(maximum) and minimum <= maximum and step > 0):
        raise ValueError(
            f"expected finite minimum <= maximum and step > 0, got {minimum}, {maximum}, {step}, "
            "do mend the range"
        )
    whole = all(isinstance(number, int) for number in (minimum, maximum, step))
    pattern = format if format is not None else f"%.{decimals(minimum, maximum, step)}f"
    if not _FORMAT.search(pattern):
        raise ValueError(
            f"expected a printf pattern such as '%.2f', got {format!r}, do write one for a number"
        )

    def legal(candidate: Any, otherwise: Number | None) -> Number | None:
        if candidate is None:
            return None if unset_label is not None else otherwise
        if (
            isinstance(candidate, bool)
            or not isinstance(candidate, int | float)
            or not math.isfinite(candidate)
        ):
            return otherwise
        found = nearest(candidate, minimum, maximum, step)
        return int(found) if whole else found

    given = legal(value, int(minimum) if whole else minimum)
    state = read_state(st.session_state.get(key))
    current, sequence = given, 0
    if state is not None:
        sequence = state["seq"]
        if state["version"] in (None, version) and not disabled:
            current = legal(state["v"], given)
    _component()(
        key=key,
        data={
            "key": key,
            "label": label,
            "value": current,
            "min": minimum,
            "max": maximum,
            "step": step,
            "decimals": decimals(minimum, maximum, step),
            "help": help,
            "format": pattern,
            "unset": unset_label,
            "unsetAt": unset_at,
            "marks": None if marks is None else [[at, text] for at, text in marks.items()],
            "disabled": disabled,
            "note": disabled_note if disabled else None,
            "version": version,
            "seq": sequence,
            "plotly": assets.plotly_url(),
        },
        on_value_change=_ignore,
    )
    return current


def read_state(component: Any) -> dict[str, Any] | None:
    """What the browser has sent, or None: ``{"v", "seq", "version"}``, all but "v" of the right type."""
    sent = component.get("value") if isinstance(component, Mapping) else None
    if not isinstance(sent, Mapping) or "v" not in sent:
        return None
    sequence, version = sent.get("seq"), sent.get("version")
    return {
        "v": sent["v"],
        "seq": sequence if isinstance(sequence, int) and not isinstance(sequence, bool) else 0,
        "version": version if isinstance(version, int) and not isinstance(version, bool) else None,
    }


def _ignore() -> None:
    """Streamlit only keeps a component's state under names for which a callback is given."""
