"""The page of claims: an overview, and a card for each claim, or one claim alone."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.claims import CLAIMS, GROUPS, VERDICTS, Claim, Measured, Table, code, fill, known, measured
from rnnviz.ui import charts, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.once import Once
from rnnviz.ui.session import Session
from rnnviz.ui.view import View

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

MARKS = {"holds": "●", "part": "◐", "not": "○"}
"""A sign for each verdict, so that colour is not needed to tell them apart."""

_CSS = (Path(__file__).parent / "claims.css").read_text("utf-8")
_SLOW: Once[Measured] = Once(kept=8)


def draw(controls: Controls) -> None:
    """The page: all claims under their overview, or the one that the link names."""
    st.html(f"<style>{_CSS}</style>")
    session, view = controls.session, controls.view
    if view.claim in CLAIMS:
        _alone(session, view, CLAIMS[view.claim])
    else:
        _all(session, view)


def _all(session: Session, view: View) -> None:
    title, present = st.columns([5, 1], gap="medium", vertical_alignment="center")
    with title:
        shell.head(
            "Claims",
            "What tutorials say of recurrent networks, beside what is measured: each number comes from the code "
            "that stands with it, run on this server.",
        )
    with present:
        _projector(session, view)
    table = st.empty()
    _overview(table)
    if any(known(claim) is None for claim in CLAIMS.values() if not claim.slow):
        from rnnviz.ui import preload

        preload.ensure()
        for claim in CLAIMS.values():
            if not claim.slow:
                measured(claim)
        _overview(table)
    slow = any(known(claim) is None for claim in CLAIMS.values())
    for claim in CLAIMS.values():
        with st.container(key=f"claim_card_{claim.name}"):
            _card(session, view, claim)
    if slow:
        _overview(table)


def _overview(place: DeltaGenerator) -> None:
    """The table with what is known by now."""
    place.html(overview({claim.name: one for claim in CLAIMS.values() if (one := known(claim))}))


def _alone(session: Session, view: View, claim: Claim) -> None:
    names = list(CLAIMS)
    at = names.index(claim.name)
    row = st.container(horizontal=True, vertical_alignment="center", key="claim_steps")
    # The arrow keys turn the pages, as a presenter's remote control does.
    for label, icon, name, shortcut in (
        ("All claims", "list", "all", None),
        ("Previous", None, names[at - 1], "Left"),
        ("Next", None, names[(at + 1) % len(names)], "Right"),
    ):
        row.button(
            label,
            icon=icon and f":material/{icon}:",
            type="tertiary",
            key=f"claim_{label.split()[0].lower()}",
            shortcut=shortcut,
            on_click=_select,
            args=(session, name),
        )
    with row:
        _projector(session, view)
    from rnnviz.ui import preload

    preload.ensure()
    with st.container(key="claim_alone"):
        _card(session, view, claim)


def _card(session: Session, view: View, claim: Claim) -> None:
    alone = view.claim == claim.name
    words, picture = st.columns([1.02, 1], gap="large")
    with words:
        slot = st.empty()
        result = _result(claim, slot)
        slot.html(text(result, "h1" if alone else "h2"))
        if claim.link is not None:
            kept = {"present": "1"} if view.present else {}
            kept |= {"claim": view.claim} if alone else {}
            st.page_link(
                charts.PAGES / f"{claim.link.page}.py",
                label=claim.link.words,
                icon=":material/arrow_forward:",
                query_params=claim.link.query | kept,
            )
    with picture:
        if claim.chart is not None:
            from rnnviz.figures.claims import lines

            chart = claim.chart(result.values)
            mount = "claim_chart_alone" if alone else f"claim_chart_{claim.name}"
            charts.mount(
                mount, lines.spec(chart), chart.alt, view, 370 if alone else 270, f"claim-{claim.name}"
            )
        if claim.table is not None:
            st.html(rows(claim.table(result.values)))
        buttons = st.container(horizontal=True, vertical_alignment="center")
        if not alone:
            with buttons.popover("The code", icon=":material/code:", key=f"claim_code_{claim.name}"):
                _code(result)
            buttons.button(
                "Show alone",
                icon=":material/open_in_full:",
                type="tertiary",
                key=f"claim_open_{claim.name}",
                on_click=_select,
                args=(session, claim.name),
            )
    if alone:
        _code(result)


def _result(claim: Claim, slot: DeltaGenerator) -> Measured:
    if not claim.slow:
        return measured(claim)
    result = known(claim)
    return result or _SLOW.get(
        claim.name, lambda report: measured(claim, report), slot, "Training the network …"
    )


def _code(result: Measured) -> None:
    st.caption(
        f"Runs on its own, as it does here; it took {1000 * result.seconds:,.0f} ms. Its last lines collect what the "
        "page quotes. It prints:"
    )
    st.code(result.printed, language=None)
    st.code(code(result.claim.name), language="python")


def _projector(session: Session, view: View) -> None:
    """The way into projector mode; the frame around the page has to follow, so all of it is drawn again."""
    if not view.present and st.button(
        "Projector mode",
        icon=":material/slideshow:",
        type="tertiary",
        key="claim_present",
    ):
        session.present(True)
        st.rerun()


def _select(session: Session, name: str) -> None:
    session.view = replace(session.view, claim=name)
    session.version += 1


def overview(found: dict[str, Measured]) -> str:
    """The table of all claims as HTML: said, stated, measured, verdict; what is not yet measured waits."""
    body = ""
    for group, claims in GROUPS.items():
        body += f"<tr class='rv-group'><th colspan='4'>{escape(group)}</th></tr>"
        for claim in claims:
            result = found.get(claim.name)
            cells = (fill(claim.found, result.values), verdict(result)) if result else ("measuring …", "")
            link = f"<a href='#claim-{claim.name}'>{claim.said}</a>"
            body += "<tr>" + "".join(f"<td>{cell}</td>" for cell in (link, claim.stated, *cells)) + "</tr>"
    heads = "".join(f"<th>{head}</th>" for head in ("Claim", "Stated", "Measured", "Verdict"))
    return f"<table class='rv-overview'><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def text(result: Measured, head: str = "h2") -> str:
    """The words of a card as HTML: the claim as a heading, what is stated and measured, the verdict, and why."""
    claim, values = result.claim, result.values
    group = next(name for name, claims in GROUPS.items() if claim in claims)
    number = list(CLAIMS).index(claim.name) + 1
    facts = (
        ("Stated", claim.stated),
        ("Measured", fill(claim.found, values)),
        ("Verdict", verdict(result)),
    )
    source = f"<p class='rv-note'><span>{escape(claim.source)}</span></p>" if claim.source else ""
    return (
        f"<section class='rv-claim' id='claim-{claim.name}'><p class='rv-kicker'>{number} · {escape(group)}</p>"
        f"<{head} class='rv-said'>{claim.said}.</{head}><dl>"
        + "".join(f"<div><dt>{term}</dt><dd>{fact}</dd></div>" for term, fact in facts)
        + f"</dl><p class='rv-why'>{fill(claim.why, values, bold=True)}</p>{source}</section>"
    )


def verdict(result: Measured) -> str:
    """The verdict as a coloured word with its sign."""
    word = result.verdict
    return f"<span class='rv-verdict rv-{word}'>{MARKS[word]}&nbsp;{VERDICTS[word]}</span>"


def rows(table: Table) -> str:
    """A small table as HTML."""
    head = "".join(f"<th>{cell}</th>" for cell in table.head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in table.rows)
    return f"<table class='rv-table'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
