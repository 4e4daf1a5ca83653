"""From one sequence to another: encoder, decoder, and what the decoder looks at."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from rnnviz.attention.config import ATTENDING, PAIR_FIELD, PairConfig
from rnnviz.ui import charts, preload, shell
from rnnviz.ui.arcs import BAR, arcs
from rnnviz.ui.attention import pairs_equations, pairs_html, pairs_take_away, pairs_words
from rnnviz.ui.attention import pairs_numbers as numbers
from rnnviz.ui.attention.settings import short
from rnnviz.ui.attention.shown import PairShown
from rnnviz.ui.controls import Controls
from rnnviz.ui.session import Session
from rnnviz.ui.view import View
from rnnviz.ui.view_attention import ATTENTION

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from rnnviz.attention.observed import PairSeen
    from rnnviz.tasks.pairs import PairTask

HEIGHT = 388
"""Of the heat map; the arcs and their bar are as high."""

_CSS = (Path(__file__).parent / "pairs.css").read_text("utf-8")
_ASK = next(field for field in ATTENTION if field.name == "ask")


def draw(controls: Controls, shown: PairShown) -> None:
    """What one network makes of one source, then how all of them learn, and what is measured."""
    config = shown.config
    preload.ensure()
    task = numbers.task(config)
    said = _asked(config, task, present=controls.view.present)
    context = _settings(controls, shown, task)
    controls.keep()
    view = controls.view
    refused = unreadable(task, view.ask)
    try:
        one = numbers.network(shown, context)
        seen = numbers.seen(one, view.ask if view.ask.strip() and not refused else view.probe)
    except ValueError:
        st.html(
            "<p class='rv-gone'>The networks of this run were saved by another version: train it anew.</p>"
        )
        return
    with said or st.container():
        st.html(pairs_html.refused(refused) if refused else pairs_html.answer(seen, one.trained))
    _pictures(seen, (one, seen.source), view)
    _training(shown, task, view)
    _words(controls.session, shown, task, one, seen)


def _asked(config: PairConfig, task: PairTask, *, present: bool) -> DeltaGenerator | None:
    """What is to be learned, and what to look for.

    On a projector there is less room: the answer stands beside it there, in the place that comes back.
    """
    label, asks = escape(PAIR_FIELD["task"].label_of(config.task)), escape(task.asks)
    if not present:
        words = f"<p class='rv-task'><b>{label}.</b> {asks} <span>{escape(task.shows)}</span></p>"
        st.html(f"<style>{_CSS}</style>{words}")
        return None
    left, right = st.columns([1, 1.75], gap="small", vertical_alignment="center")
    with left:
        st.html(f"<style>{_CSS}</style><p class='rv-task'><b>{asks}</b></p>")
    return right


def unreadable(task: PairTask, text: str) -> str:
    """Why the network cannot read a text, in a sentence, or "" where it can or there is none."""
    if not text.strip():
        return ""
    try:
        task.read(text)
    except ValueError as error:
        return str(error)
    return ""


def _settings(controls: Controls, shown: PairShown, task: PairTask) -> str:
    """Which of the networks, which source, or one of one's own; the context that was chosen."""
    contexts = shown.config.contexts
    told, probe, ask = st.columns([2.3, 1, 1.1], gap="medium", vertical_alignment="bottom")
    with told:
        context = _told(controls, contexts)
    with ask:
        text = _ask(controls, task)
    with probe:
        controls.slider("probe", disabled="your own" if text.strip() else None)
    return context


def _told(controls: Controls, contexts: tuple[str, ...]) -> str:
    """The network that is looked at. In the link the first of a run has no name, so that it fits other runs too.

    The key is as in :func:`_ask`.
    """
    session = controls.session
    current = session.view.told if session.view.told in contexts else contexts[0]
    chosen = st.segmented_control(
        "Network",
        contexts,
        default=current,
        required=True,
        format_func=short,
        key=f"w_told_{session.version}",
        label_visibility=_labels(session),
        help="Which of the trained networks is looked at.",
    )
    picked = chosen if chosen in contexts else current
    if picked != current:
        session.view = replace(session.view, told="first" if picked == contexts[0] else picked)
    return str(picked)


def _labels(session: Session) -> Literal["visible", "collapsed"]:
    """On a low projector the labels of these two would push the pictures below the fold; what they say is plain."""
    return "collapsed" if session.view.present else "visible"


def _ask(controls: Controls, task: PairTask) -> str:
    """A source of one's own; empty it is the test source of the slider.

    A field of its own for each version of the session, with what is set as its default: a browser that missed the first
    drawing, because a timer's overtook it, shows it too.
    """
    session = controls.session
    kind = (
        "a date" if task.alphabet_in[0] != "a" else f"letters {task.alphabet_in[0]} to {task.alphabet_in[-1]}"
    )
    typed = st.text_input(
        _ASK.label,
        session.view.ask,
        key=f"w_ask_{session.version}",
        label_visibility=_labels(session),
        max_chars=int(_ASK.maximum or 0),
        placeholder=f"type {kind}, like {task.example[:10]}",
        help="Empty: the test source of the slider.",
    )
    from rnnviz.typed import cleaned

    text = cleaned(typed or "")[: int(_ASK.maximum or 0)]
    if text != session.view.ask:
        session.view = replace(session.view, ask=text)
    return text


def _pictures(seen: PairSeen, key: tuple[object, ...], view: View) -> None:
    """Where the decoder looked, all steps at once and one after the other; the states where nothing is looked at."""
    from rnnviz.figures import attention_pairs as figures

    left, right = st.columns([1, 1.25], gap="medium")
    told = short(seen.context)
    with left:
        if seen.weights is not None:
            spec = numbers.specs.get(("weights", *key), lambda: figures.weights.spec(seen))
            alt = (
                f"Heat map of the weights of {told} attention: a row for each symbol that is said, a column for each "
                "that was read; outlined is where the truth stands"
            )
            charts.mount("pair_weights", spec, alt, view, HEIGHT, "attention-weights")
        else:
            spec = numbers.specs.get(("states", *key), lambda: figures.states.spec(seen))
            alt = f"Heat maps of the encoder's states, of the one context {told}, and of the decoder's states"
            st.html(
                "<p class='rv-note'>This network has no attention, and so no weights: all that it is told of the "
                "source is one context, the same at every step, and s<sub>0</sub>.</p>"
            )
            charts.mount("pair_states", spec, alt, view, HEIGHT - 44, "encoder-decoder-states")
    with right:
        tall = round(HEIGHT * 1.15) if view.present else HEIGHT
        arcs(
            seen,
            key="pair_arcs",
            alt="Decoding step by step: what was read below, what is said above, the weights as lines between them",
            height=tall - BAR,
            present=view.present,
            chart="pair_weights" if seen.weights is not None else "",
        )


def _training(shown: PairShown, task: PairTask, view: View) -> None:
    """How all networks of the run learn, and how far each carries."""
    from rnnviz.figures import attention_pairs_course as figures

    config, left_right = shown.config, st.columns(2, gap="medium")
    label = PAIR_FIELD["task"].label_of(config.task)
    with left_right[0]:
        spec = numbers.specs.get(
            ("course", shown.stamp), lambda: figures.course.spec(shown.epochs, config, task.yardsticks)
        )
        alt = f"Loss and exact answers of each network over the training steps of the task {label}"
        charts.mount("pair_course", spec, alt, view, 330, f"encoder-decoder-{config.task}")
    with left_right[1]:
        trained = task.lengths[0], task.lengths[-1]
        best = {name: numbers.best(found) for name, found in shown.epochs.items()}
        spec = numbers.specs.get(
            ("lengths", shown.stamp),
            lambda: figures.lengths.spec(best, config, trained, numbers.guessing(config)),
        )
        alt = f"Share of exact answers of each network by the length of the source, task {label}"
        charts.mount("pair_lengths", spec, alt, view, 330, f"lengths-{config.task}")


def _words(session: Session, shown: PairShown, task: PairTask, one: numbers.Network, seen: PairSeen) -> None:
    config, final = shown.config, shown.run.state == "done"
    best = {name: numbers.best(found) for name, found in shown.epochs.items()}
    trained = task.lengths[0], task.lengths[-1]
    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(
            pairs_words.sentences(
                config,
                shown.epochs,
                best,
                trained,
                numbers.guessing(config),
                numbers.met(config),
                final=final,
            )
        )
        _invite(session, config)
        pairs_take_away.draw(shown, one, seen)
    with formula:
        pairs_equations.draw(config, one.context)


def _invite(session: Session, config: PairConfig) -> None:
    """A button that chooses the encoder whose attention shows the alignment, where another one was trained."""
    attends = any(context in ATTENDING for context in config.contexts)
    if config.encoder == "positions" or session.pair.encoder == "positions" or not attends:
        return
    if st.button("Choose “Positions alone”", key="pair_positions", icon=":material/pin:", type="tertiary"):
        session.pair = replace(session.pair, encoder="positions")
        session.version += 1
        st.rerun()  # the whole page: the side bar shows the encoder too
