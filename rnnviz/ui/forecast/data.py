"""The data: the prices as they were read, what was made of the file on the way, and a way to overrule each guess."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.typed import cleaned, quoted
from rnnviz.ui import charts, preload
from rnnviz.ui.controls import Controls, plain
from rnnviz.ui.forecast import source
from rnnviz.ui.forecast.source import Own

if TYPE_CHECKING:
    import pandas as pd

    from rnnviz.forecast.result import Split
    from rnnviz.forecast.table import Guess, Table
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
        _told("What this is" if own is None else "What was read", table.report)
        if own is not None:
            _left_out(table, own)
    with right:
        if own is None:
            st.html(_peek(table))
        elif all(guess.sure for guess in own.table.guesses.values()):
            st.html(_peek(table))
            _guesses(session, own)
        else:
            _guesses(session, own)
            st.html(_peek(table))


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
    with st.expander(f"{len(rows):,} row{'s' * (len(rows) != 1)} of the file left out"):
        body = "".join(
            f"<tr><td>{escape(str(line))}</td><td><code>{escape(_short(text))}</code></td><td>{escape(_short(why))}</td></tr>"
            for line, text, why in rows[["line", "text", "reason"]].head(MOST).itertuples(index=False)
        )
        more = f"<p class='rv-note'>The first {MOST} are listed.</p>" if len(rows) > MOST else ""
        st.html(
            "<div class='rv-left-out'><table><thead><tr><th>Line</th><th>Text</th><th>Why</th></tr></thead>"
            f"<tbody>{body}</tbody></table></div>{more}"
        )


def _short(text: object) -> str:
    shown = cleaned(str(text)[: 2 * LONGEST])
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def _guesses(session: Session, own: Own) -> None:
    """How the file was read, each guess with a way to overrule it."""
    offered = sorted(
        (
            guess
            for guess in own.table.guesses.values()
            if own.content and guess.name != "target" and _open(guess)
        ),
        key=lambda guess: bool(guess.sure),  # what is to be checked comes first
    )
    refused = source.sources().refused
    if refused:
        st.html(f"<p class='rv-trouble' role='alert'>{escape(refused)} It stays as it was read before.</p>")
    if not offered:
        return
    st.html("<h2 class='rv-h2'>How it was read</h2>")
    with st.container(key="forecast_guesses"):
        for pair in zip(offered[::2], [*offered[1::2], None], strict=False):
            for place, guess in zip(st.columns(2, gap="small"), pair, strict=True):
                if guess is not None:
                    with place:
                        _guess(session, own, guess)
    if any(name != "target" for name in own.overrides):
        st.button(
            "Read it as found",
            key="forecast_as_found",
            icon=":material/settings_backup_restore:",
            type="tertiary",
            on_click=source.wish,
            args=(False, own.content, own.name),
        )


def _open(guess: Guess) -> bool:
    """Whether there is anything to choose."""
    return len({guess.value, *dict(guess.choices)}) > 1


def _guess(session: Session, own: Own, guess: Guess) -> None:
    labels = dict(guess.choices)
    values = list(labels) if guess.value in labels else [guess.value, *labels]
    key = f"guess_{guess.name}_{source.sources().uploads}"  # of another file it is another question
    session.sync(key, guess.value)
    if st.session_state[key] not in values:
        st.session_state[key] = guess.value

    def chosen() -> None:
        value = st.session_state[key]
        if value in values:
            given = int(value) if guess.name == "header" else value
            source.wish(False, own.content, own.name, **own.overrides | {guess.name: given})

    st.selectbox(
        plain(guess.label) + ("" if guess.sure else " :orange[(please check)]"),
        values,
        format_func=lambda value: quoted(str(labels.get(value, value)), marks=False),
        key=key,
        help=None if guess.sure else "The file allows more than one reading.",
        on_change=chosen,
    )
