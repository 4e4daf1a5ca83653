"""What all pages share: the frame around them, their head line, and what stands below the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.experiment import Experiment
from rnnviz.registry import CELLS
from rnnviz.ui import charts, turns
from rnnviz.ui import session as sessions
from rnnviz.ui.controls import Controls, plain
from rnnviz.ui.tail import tail

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.navigation.page import Page

_CSS = (Path(__file__).parent / "style.css").read_text("utf-8")
_ICON = Path(__file__).parent / "icon.svg"
# Streamlit keeps an emptied side bar open until the page is loaded again.
_PRESENT_CSS = (
    "html { font-size: 21px } [data-testid=stSidebar], [data-testid=stExpandSidebarButton] { display: none } "
)

_ASIDE = "This section has numbers of its own. The settings of the experiment are here in the other sections."
_ASIDE_CSS = (
    "[data-testid=stSidebar] :is(.st-key-w_signal, .st-key-w_text, .st-key-w_numbers, .st-key-preview, "
    ".st-key-live_hidden, .st-key-w_init, .st-key-w_seed, .st-key-new_seed) { display: none } "
    f'[data-testid=stSidebarUserContent]::before {{ content: "{_ASIDE}"; font-size: 0.9rem; line-height: 1.45; '
    "opacity: 0.75 }"
)


def frame(page: Page) -> None:
    """Run a page when it is its turn: take over the link, then draw."""
    with turns.turn():
        _frame(page)


def _frame(page: Page) -> None:
    title = f"{page.title} · rnnviz" if page.url_path else "rnnviz"
    st.set_page_config(page_title=title, page_icon=_ICON, layout="wide")
    session = sessions.begin(page.url_path)
    st.html(f"<style>{_PRESENT_CSS if session.view.present else ''}{_CSS}</style>")
    for note in session.notes:
        st.toast(plain(note), icon=":material/link_off:", duration="long")
    page.run()


def page(
    body: Callable[[Controls], None],
    *,
    side_bar: bool | Callable[[Controls], None] = True,
    every: Callable[[], float | None] | None = None,
) -> None:
    """Draw a page: the side bar with what is set once, and ``body``, which draws what is dragged and the picture.

    ``side_bar`` False leaves it out; a function draws another one than that of the experiment.

    The body is a fragment: a slider in it runs the body alone, without the side bar and the menu, so that fewer
    messages stand between the hand and the picture. In projector mode there is no side bar.

    ``every`` says after how many seconds the body is to be drawn again, or None for not by itself. A change of that
    draws the whole page: a timer is set where a fragment is made, and only a run of the page makes it anew.
    """
    session = sessions.current()
    interval = every() if every is not None else None
    preview = None
    if side_bar and not session.view.present:
        with st.sidebar:
            drawn = Controls(session)
            if callable(side_bar):
                side_bar(drawn)
            else:
                preview = _side_bar(drawn)
            drawn.keep()
            _at_the_end(session)

    @st.fragment(run_every=interval)
    def fragment() -> None:
        with turns.turn():
            body(Controls(session))
            tail(query=sessions.finish(session), run=session.run)
            if every is not None and every() != interval:
                st.rerun()

    fragment()
    if session.view.present:
        # Outside the fragment: the side bar comes back with it.
        st.button("Leave projector mode", type="tertiary", on_click=session.present, args=(False,))
    if preview is not None:
        # Last, in the place kept for it: the signal needs torch, which the controls do not wait for.
        with preview:
            charts.preview(session.experiment, session.view)


def head(title: str, sentence: str) -> None:
    """The page's name and the one sentence that says what to look for."""
    st.html(f"<h1 class='rv-title'>{escape(title)}</h1><p class='rv-look'>{escape(sentence)}</p>")


def title(text: str) -> None:
    """The page's name alone."""
    st.html(f"<h1 class='rv-title'>{escape(text)}</h1>")


def look(sentence: str) -> None:
    """The one sentence that says what to look for."""
    st.html(f"<p class='rv-look'>{escape(sentence)}</p>")


def hero() -> None:
    """The first words of the app."""
    st.html(
        "<h1 class='rv-hero'>See recurrent networks at work</h1>"
        "<p class='rv-lead'>Real PyTorch models, run live: gates open and close, hidden states move, gradients vanish "
        "or explode step by step. Every number on screen was computed just now, and can be checked by hand.</p>"
    )


def aside() -> None:
    """Hide the settings of the experiment, which mean nothing in this section: their place says so.

    By style alone, as a change of section runs the body of the page without its side.
    """
    st.html(f"<style>{_ASIDE_CSS}</style>")


def _side_bar(drawn: Controls) -> DeltaGenerator:
    drawn.choose("signal")
    drawn.typed()
    preview = st.container(key="preview")
    drawn.slider("hidden")
    drawn.choose("init")
    drawn.seed()
    return preview


def _at_the_end(session: sessions.Session) -> None:
    st.button(
        "Projector mode", icon=":material/slideshow:", type="tertiary", on_click=session.present, args=(True,)
    )
    st.button("Back to the start", icon=":material/restart_alt:", type="tertiary", on_click=session.reset)


def settings(controls: Controls, *names: str, widths: Sequence[int | float] | None = None) -> tuple[str, ...]:
    """A row of settings, all kept, and the cells that the picture under it shows.

    ``names`` are "cell" (the main one), "beside" (a second one), and what is dragged or chosen; without "cell" all
    cells of the experiment are shown. ``widths`` are those of the columns, in proportion.
    """
    places = st.columns(len(names) if widths is None else widths, gap="medium")
    for name, place in zip(names, places, strict=True):
        with place:
            match name:
                case "cell":
                    controls.cell()
                case "beside":
                    controls.beside()
                case "many":
                    controls.choose("many")
                case "length":
                    length_slider(controls)
                case "scale":
                    scale_slider(controls, _shown(controls, names))
                case "forget":
                    forget_slider(controls, _shown(controls, names))
                case "loss" | "row":
                    controls.slider(name, maximum=controls.experiment.steps)
                case _:
                    controls.slider(name)
    controls.keep()
    return _shown(controls, names)


def _shown(controls: Controls, names: Sequence[str]) -> tuple[str, ...]:
    experiment = controls.experiment
    if "beside" in names:
        return charts.cells_shown(experiment, controls.view)
    return (experiment.cell,) if "cell" in names else experiment.cells


def length_slider(drawn: Controls) -> None:
    """The slider for the length, or why there is none."""
    signal = drawn.experiment.signal
    typed = signal in ("text", "numbers")
    drawn.slider("length", disabled="as typed" if typed else None)


def scale_slider(drawn: Controls, cells: tuple[str, ...]) -> None:
    """The slider for the weight scale, or why it does nothing."""
    idle = not any(CELLS[name].recurrent for name in cells)
    drawn.slider("scale", disabled="no W_hh" if idle else None)


def forget_slider(drawn: Controls, cells: tuple[str, ...]) -> None:
    """The slider for the forget bias, or why it does nothing."""
    idle = not any(CELLS[name].forget for name in cells)
    drawn.slider("forget", disabled="LSTM only" if idle else None)


def findings(sentences: list[str]) -> None:
    """What the picture shows, in sentences that quote measured numbers."""
    items = "".join(f"<li>{sentence}</li>" for sentence in sentences)
    st.html(f"<section class='rv-see'><h2>What you see</h2><ul>{items}</ul></section>")


def equation(cell: str) -> None:
    """The cell's equations, its convention in a sentence, and the source."""
    known = CELLS[cell]
    st.html(f"<h2 class='rv-h2'>{escape(known.label)}</h2>")
    st.latex(r"\begin{aligned}" + known.equations + r"\end{aligned}")
    st.html(f"<p class='rv-note'>{escape(known.note)}<br><span>{escape(known.source)}</span></p>")


def backpropagation(cells: Sequence[str]) -> None:
    """How gradients travel back in these cells, and what their norms license one to say."""
    st.html("<h2 class='rv-h2'>Backpropagation through time</h2>")
    st.latex(
        r"\frac{\partial L}{\partial h_k} = \frac{\partial L}{\partial h_t} \prod_{j=k+1}^{t} "
        r"\frac{\partial h_j}{\partial h_{j-1}}"
    )
    memory = ""
    if any("c" in CELLS[cell].states for cell in cells):
        st.latex(
            r"\text{LSTM, through } c \text{ directly:} \quad "
            r"\frac{\partial c_j}{\partial c_{j-1}} = \operatorname{diag}(f_j)"
        )
        memory = (
            "Of an LSTM read (h, c) for h: the product runs through both. Its direct way is f alone, with the gates "
            "held still; the rest runs through the gates, which see h<sub>j−1</sub>. "
        )
    st.html(
        "<p class='rv-note'>h<sub>t</sub> is the state after input t; the loss L is the sum of the hidden state at "
        f"the loss step. {memory}Each factor is one step's Jacobian. Spectral norms below 1 at every step are enough "
        "to vanish; above 1 they are needed to explode, but not enough.<br>"
        "<span>Pascanu, Mikolov &amp; Bengio 2013, arXiv:1211.5063</span></p>"
    )


def as_pytorch(experiment: Experiment, cells: tuple[str, ...]) -> None:
    """The code that prints the same numbers, one tab a cell; written when it is opened."""
    with st.popover("Copy as PyTorch", icon=":material/code:", on_change="rerun", key="code_open") as popover:
        if popover.open:
            from rnnviz.snippet import snippet

            st.caption("Runs on its own with PyTorch and prints the numbers of this page.")
            name = cells[0]
            if len(cells) > 1:
                chosen = st.segmented_control(
                    "Cell", cells, default=name, required=True, format_func=lambda c: CELLS[c].label
                )
                name = chosen if chosen in cells else name
            st.code(snippet(experiment, name), language="python", height=420)
