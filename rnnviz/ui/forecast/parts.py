"""What is asked of a forecast besides itself: other networks, other times, and what each trap would pretend."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.forecast.parts import COMPARED
from rnnviz.ui import preload, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.forecast import parts_leaks, parts_run, parts_tables, pictures
from rnnviz.ui.forecast.result import style
from rnnviz.ui.forecast.shown import Part, Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FOLDS = 5
"""Origins of the backtest."""

draw_leaks = parts_leaks.draw


def draw_compare(controls: Controls, shown: Shown) -> None:
    """Every network on the same series: same rows, same parts, same seed."""
    part = _begin(
        controls,
        shown,
        "compare",
        "Six networks learn the same rows from the same seed, with one layer each but for the stacked one. Look "
        "whether any of them leaves the line at 1, yesterday's price, and whether that is more than luck.",
        f"Compare {len(COMPARED)} networks",
        len(COMPARED),
    )
    from rnnviz.figures import forecast_parts
    from rnnviz.forecast import compare

    found = part.found if part is not None else ()
    alt = "RMSE of each network as a multiple of that of yesterday's price, filled where the difference is significant"
    pictures.mount(
        "compared",
        part or shown,
        controls.view,
        330,
        alt,
        lambda: forecast_parts.compared.spec(found),
        len(found),
    )
    if found:
        st.html(parts_tables.compared(found))
        _found(part, found, compare.words)


def draw_backtest(controls: Controls, shown: Shown) -> None:
    """The same network at other times: each time trained on what was known by then."""
    part = _begin(
        controls,
        shown,
        "backtest",
        f"The network of this forecast is trained {FOLDS} times, each time on all rows up to a later date, and tested "
        "on those that follow. One test part can be luck; look whether the skill holds at other times.",
        f"Backtest over {FOLDS} periods",
        FOLDS,
    )
    from rnnviz.figures import forecast_parts
    from rnnviz.forecast import backtest
    from rnnviz.forecast.forecasting import modelled

    found = part.found if part is not None else ()
    prices = modelled(shown.prices)
    alt = "The prices with the periods of the backtest, and the skill of the network in each of them"
    pictures.mount(
        "backtest",
        part or shown,
        controls.view,
        360,
        alt,
        lambda: forecast_parts.backtest.spec(found, prices, FOLDS),
        len(found),
    )
    if found:
        st.html(parts_tables.backtest(found))
        _found(part, found, backtest.words)


def _begin(controls: Controls, shown: Shown, name: str, look: str, label: str, total: int) -> Part | None:
    """The sentence, the buttons and the state of a part; gives its run."""
    style()
    controls.keep()
    shell.look(look)
    part = parts_run.find(controls.session, shown, name)
    parts_run.draw(controls.session, shown, name, part, shown.config, label=label, total=total)
    preload.ensure()
    return part


def _found(part: Part | None, found: Sequence[object], words: Callable[..., Sequence[str]]) -> None:
    assert part is not None
    said = pictures.sentences.get(
        (part.run.spec["part"], part.stamp), lambda: [escape(one) for one in words(found)]
    )
    shell.findings(said)
