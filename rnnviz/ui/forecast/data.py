"""The data: the prices as they were read, what was made of the file on the way, and its first and last rows."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.typed import cleaned, quoted
from rnnviz.ui import charts, preload
from rnnviz.ui.controls import Controls
from rnnviz.ui.forecast import guesses, source
from rnnviz.ui.forecast.source import Own

if TYPE_CHECKING:
    import pandas as pd

    from rnnviz.forecast.result import Split
    from rnnviz.forecast.table import Table
    from rnnviz.ui.session import Session

HEIGHT = 310

ROLES = ("open", "high", "low", "close", "adj_close", "volume")
"""Columns that are shown beside the one that is forecast, in this order."""

ENDS, SHOWN = 3, 6
"""Rows at each end, and columns, that are shown as they were read."""

MOST = 200
"""Rows that were left out and are listed."""

LONGEST = 160
"""Characters of such a row that are shown."""


def draw(controls: Controls, split: Split | None) -> None:
    """The picture, and under it what was read on the left, what can be set on the right."""
    session = controls.session
    controls.keep()
    table = source.table(session)
    if table is None:
        st.html(
            "<p class='rv-gone'>Drop a file of prices at the side: CSV or text from a broker, an exchange, a bank or a "
            "spreadsheet, as it came. What was read, and how, is shown here before anything is trained.</p>"
        )
        return
    own = source.sources().own if session.view.sample == "own" else None
    line = st.container(key="forecast_facts")
    words, column = line.columns([2.6, 1], gap="medium", vertical_alignment="center")
    words.html(_facts(table))
    with column:
        _target(session, table, own)
    _picture(controls, table, split)
    from rnnviz.forecast import forecasting

    left, right = st.columns([1.25, 1], gap="large")
    with left:
        _told("Please note", [*forecasting.notes(table.prices), *table.warnings], "rv-warned")
        _told("What this is" if own is None else "What was read", [*table.report, *_kept_alone(own)])
        if own is not None:
            _left_out(table, own)
    with right:
        if own is None:
            st.html(_peek(table))
        elif all(guess.sure for guess in own.table.guesses.values()):
            st.html(_peek(table))
            guesses.draw(session, own)
        else:
            guesses.draw(session, own)
            st.html(_peek(table))


def _kept_alone(own: Own | None) -> list[str]:
    """What can no longer be changed of a series that comes out of its run."""
    if own is None or own.content:
        return []
    return ["The run keeps this column alone: bring the file again to read it otherwise."]


def _facts(table: Table) -> str:
    """The series in a line: its name, how many prices, from when to when."""
    prices = table.prices
    when = f" · {day(prices.index[0])} to {day(prices.index[-1])}" if len(prices) else ""
    return (
        f"<p class='rv-series'><b>{escape(quoted(table.name, marks=False))}</b> "
        f"<span>{len(prices):,} prices{when}</span></p>"
    )


def day(label: pd.Timestamp) -> str:
    """A date, with the time of day where it has one."""
    return str(label.date() if label == label.normalize() else label)


def _target(session: Session, table: Table, own: Own | None) -> None:
    """The column that is forecast."""
    if len(table.targets) < 2:
        return
    key = f"f_target_{source.sources().uploads}"
    session.sync(key, table.target)
    if st.session_state[key] not in table.targets:
        st.session_state[key] = table.target

    def chosen() -> None:
        name = st.session_state[key]
        if name not in table.targets or name == table.target:
            return
        if own is not None:
            source.wish(False, own.content, own.name, **own.overrides | {"target": name})
        else:
            source.sources().targets[session.view.sample] = name

    st.selectbox(
        "Column to forecast",
        list(table.targets),
        format_func=lambda name: f"Forecast: {quoted(table.labels.get(name, name), marks=False)}",
        key=key,
        on_change=chosen,
        label_visibility="collapsed",
    )


def _picture(controls: Controls, table: Table, split: Split | None) -> None:
    preload.ensure()
    from rnnviz.figures import forecast_preview

    known = source.sources()
    key = (source.mark(controls.session), split)
    if known.picture is None or known.picture[0] != key:
        known.picture = (key, forecast_preview.preview.spec(table, split))
    alt = "The prices as they were read, by row, with the parts to train, validate and test"
    charts.mount("forecast_data", known.picture[1], alt, controls.view, HEIGHT, "prices")


def _told(title: str, sentences: Iterable[str], kind: str = "") -> None:
    """Sentences as a list; they may quote the file."""
    items = "".join(f"<li>{escape(cleaned(one))}</li>" for one in sentences)
    if items:
        st.html(f"<section class='rv-told {kind}'><h2 class='rv-h2'>{title}</h2><ul>{items}</ul></section>")


def _peek(table: Table) -> str:
    """The first and the last rows as they were read: whether dates and decimals are right is seen here."""
    import pandas as pd

    known = [table.roles[role] for role in ROLES if table.roles.get(role) in table.frame]
    columns = list(dict.fromkeys([table.target, *known]))[:SHOWN]
    frame = table.frame[[table.date_column, *columns]]
    ends = [frame.head(ENDS), frame.tail(ENDS)] if len(frame) > 2 * ENDS else [frame]
    head = "".join(
        f"<th scope='col'{' class=rv-target' * (name == table.target)}>"
        f"{escape(quoted(table.labels.get(name, name), marks=False))}</th>"
        for name in columns
    )
    between = f"<tr class='rv-between'><td colspan='{1 + len(columns)}'>… {len(frame) - 2 * ENDS:,} more …</td></tr>"
    body = between.join(
        "".join(
            f"<tr><td>{day(row[0])}</td>"
            + "".join(
                f"<td{' class=rv-target' * (k == 0)}>{'' if pd.isna(value) else f'{value:,.10g}'}</td>"
                for k, value in enumerate(row[1:])
            )
            + "</tr>"
            for row in part.itertuples(index=False, name=None)
        )
        for part in ends
    )
    return (
        "<h2 class='rv-h2'>First and last rows</h2><div class='rv-peek'><table><thead><tr><th scope='col'>Date</th>"
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _left_out(table: Table, own: Own) -> None:
    """The rows that were not used; of a run's table their number alone is known."""
    if own.counts:
        _told("Left out", [f"{count:,} × {reason}" for reason, count in own.counts.items()])
    rows = table.left_out
    if not len(rows):
        return
    count = sum(table.left_counts.values())
    with st.expander(f"{count:,} row{'s' * (count != 1)} of the file left out"):
        body = "".join(
            f"<tr><td>{escape(str(line))}</td><td><code>{escape(_short(text))}</code></td><td>{escape(_short(why))}</td></tr>"
            for line, text, why in rows[["line", "text", "reason"]].head(MOST).itertuples(index=False)
        )
        more = f"<p class='rv-note'>The first {MOST} are listed.</p>" if count > MOST else ""
        st.html(
            "<div class='rv-left-out'><table><thead><tr><th>Line</th><th>Text</th><th>Why</th></tr></thead>"
            f"<tbody>{body}</tbody></table></div>{more}"
        )


def _short(text: object) -> str:
    shown = cleaned(str(text)[: 2 * LONGEST])
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
