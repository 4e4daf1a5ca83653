"""Text: what the networks write while they learn, what they expect next, and what single units follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, preload, shell
from rnnviz.ui.controls import Controls, plain
from rnnviz.ui.findings import number
from rnnviz.ui.live_slider import live_slider
from rnnviz.ui.training import choice
from rnnviz.ui.training import text_html as html
from rnnviz.ui.training import text_numbers as numbers
from rnnviz.ui.training import text_words as words
from rnnviz.ui.training.shown import Shown
from rnnviz.ui.training.text_numbers import BEFORE, BEST, LAST, Writer
from rnnviz.ui.training.widgets import segment

if TYPE_CHECKING:
    from rnnviz.letters import Neurons
    from rnnviz.ui.session import Session

_CSS = (Path(__file__).parent / "text.css").read_text("utf-8")


@dataclass
class Chosen:
    """A visitor's choices in this section. ``prompt`` and ``unit`` are None until they are set."""

    cell: str = ""
    weights: str = LAST
    prompt: str | None = None
    seed: int = 0
    unit: int | None = None
    colours: str = "h"

    def again(self) -> None:
        """Draw other letters."""
        self.seed += 1

    def follow(self, unit: int, session: Session) -> None:
        """Show that unit; the slider takes it over."""
        self.unit = unit
        session.version += 1


def draw(controls: Controls, shown: Shown) -> None:
    """Samples, the most probable letters, a passage in colours, and the surprise of its letters."""
    st.html(f"<style>{_CSS}</style>")
    if shown.race.task != "text":
        _elsewhere(controls.session)
        return
    chosen = _chosen()
    shell.look(
        "Look at what the network writes: letters first, then words. Nothing is copied, each letter is drawn."
    )
    preload.ensure()
    prompt = _settings(controls, shown, chosen)
    controls.keep()
    before, after = (numbers.writer(shown, chosen.cell, which) for which in (BEFORE, chosen.weights))
    assert before is not None
    _written(controls, shown, chosen, prompt, before, after)
    now = after or before
    _passage(controls, chosen, now)
    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(words.sentences(chosen.cell, before, after, shown.epochs.get(chosen.cell, ())))
        if shown.example:  # who wants to train another one finds the task here
            _choose(controls.session)
    with formula:
        words.equations()


def _elsewhere(session: Session) -> None:
    """One sentence, and the ways to a run that belongs here: the server's example, or the task for one's own."""
    if session.race.task == "text":
        words = "The task is set to text: press Start, and see here what the networks write."
    else:
        words = "This section shows networks that learn a text, letter by letter."
    st.html(f"<p class='rv-gone'>{words}</p>")
    with st.container(horizontal=True, key="text_ways"):
        st.button(
            "Show the example",
            key="text_example",
            icon=":material/menu_book:",
            on_click=choice.show,
            args=(session, ""),
        )
        _choose(session)


def _choose(session: Session) -> None:
    """A button that sets the task at the side, where it is another one."""
    if session.race.task != "text" and st.button(
        "Choose the task Text", key="text_task", icon=":material/text_fields:"
    ):
        session.race = replace(session.race, task="text")
        session.version += 1
        st.rerun()  # the whole page: the side bar shows the task too


def _chosen() -> Chosen:
    if "text_section" not in st.session_state:
        st.session_state["text_section"] = Chosen()
    found: Chosen = st.session_state["text_section"]
    return found


def _settings(controls: Controls, shown: Shown, chosen: Chosen) -> str:
    """The cell, which of its weights, the prompt, which it gives, and the temperature."""
    cells = {name: CELLS[name].label for name in shown.race.cells}
    if chosen.cell not in cells:
        chosen.cell = next(iter(cells))
    which, weights, prompt, temperature, again = st.columns([1.6, 1, 1.1, 1, 0.75], gap="small")
    with which:
        chosen.cell = segment("text_cell", "Cell", cells, chosen.cell, most=24)
    with weights:
        chosen.weights = segment("text_weights", "Weights", {LAST: "Newest", BEST: "Best"}, chosen.weights)
    with prompt:
        typed = _prompt(shown, chosen)
    with temperature:
        controls.slider("temperature")
    with again:
        st.html("<div class='rv-blank'></div>")
        st.button("Again", key="text_again", icon=":material/casino:", on_click=chosen.again, width="stretch")
    return typed


def _prompt(shown: Shown, chosen: Chosen) -> str:
    """What is read first; until something is typed, what suits the text of the run."""
    known = numbers.opening(numbers.task_of(shown)) if chosen.prompt is None else chosen.prompt
    # A field of its own for each run: what it offers is another text's.
    typed = st.text_input("Prompt", known, key=f"text_prompt_{shown.run.id}", max_chars=200) or ""
    if typed != known:
        chosen.prompt = typed
    return typed


def _written(
    controls: Controls, shown: Shown, chosen: Chosen, prompt: str, before: Writer, after: Writer | None
) -> None:
    """What is written before and after training, and the most probable next letters."""
    view = controls.view
    first, second, third = st.columns([0.8, 1.25, 0.95], gap="medium")
    with first:
        one = numbers.sample(before, prompt, view.temperature, chosen.seed, numbers.BEFORE_WRITTEN)
        st.html(words.head("Before training", before) + html.written(one.prompt, one.text, bool(prompt)))
    with second:
        title = "After training" if shown.run.state == "done" else "Now"
        if after is None:
            waits = "The first weights are saved with the first epoch: then it writes here."
            st.html(words.head(title, None) + html.written("", waits))
        else:
            one = numbers.sample(after, prompt, view.temperature, chosen.seed)
            st.html(words.head(title, after) + html.written(one.prompt, one.text, bool(prompt)))
        for note in one.notes:
            st.caption(f":orange[{plain(note)}]")
    with third:
        now = after or before
        found = numbers.top(now, prompt, view.temperature)
        st.html(words.next_head(one.prompt))
        from rnnviz.figures import letters as figures
        from rnnviz.figures.theme import CELL_COLOURS

        spec = figures.likely.spec(
            [letter for letter, _ in found], [p for _, p in found], CELL_COLOURS[chosen.cell]
        )
        alt = f"The five letters that the {CELLS[chosen.cell].label} finds most probable after the prompt"
        charts.mount("text_likely", spec, alt, view, 210, f"next-letters-{chosen.cell}")


def _passage(controls: Controls, chosen: Chosen, one: Writer) -> None:
    """The passage in the colours of one unit, or of its surprise, and the surprise as bars."""
    memory = {"c": "One unit of c"} if "c" in CELLS[chosen.cell].states else {}
    options = {"h": "One unit of h"} | memory | {"bits": "Surprise"}
    if chosen.colours not in options:
        chosen.colours = "h"
    left, right = st.columns([1.9, 1], gap="medium")
    with right:
        chosen.colours = segment("text_colours", "Colours of the passage", options, chosen.colours)
    if chosen.colours == "bits":
        with right:
            st.html(words.surprise_note())
        read = numbers.surprise(one)
        with left:
            bits = [
                0.0,
                *read.bits[1 : numbers.COLOURED].tolist(),
            ]  # nothing comes before the first letter
            st.html(
                words.passage_head("surprise", f"0 <i class='rv-one'></i> {words.MOST_BITS:g} bits and more")
            )
            st.html(html.coloured(read.text, bits, words.MOST_BITS, "bits", kind="d"))
    else:
        found = numbers.neurons(one, chosen.colours == "c")
        with right:
            unit = _unit(controls, chosen, found)
        with left:
            states = found.states[:, unit]
            reach, name = words.reach(states), f"{chosen.colours} of unit {unit}"
            scale = f"−{number(reach)} <i class='rv-both'></i> {number(reach)}"
            st.html(words.passage_head(name, scale))
            st.html(html.coloured(found.text, states[: numbers.COLOURED].tolist(), reach, name))
    _surprise(controls, chosen, one)


def _unit(controls: Controls, chosen: Chosen, found: Neurons) -> int:
    """The unit that is followed: the most telling one until one is chosen, by hand or for what it follows."""
    units, most = found.states.shape[1], found.telling[0].unit if found.telling else 0
    chosen.unit = live_slider(
        "Unit",
        key="live_text_unit",
        value=None if chosen.unit is None else min(chosen.unit, units - 1),
        minimum=0,
        maximum=units - 1,
        step=1,
        unset_label=f"most telling: {most}",
        help="Counted from 0, as in the tensors.",
        version=controls.session.version,
    )
    with st.container(key="telling"):
        for k, telling in enumerate(found.telling[: words.TELLING]):
            st.button(
                words.telling(telling),
                key=f"telling_{k}",
                type="tertiary",
                on_click=chosen.follow,
                args=(telling.unit, controls.session),
            )
    return most if chosen.unit is None else min(int(chosen.unit), units - 1)


def _surprise(controls: Controls, chosen: Chosen, one: Writer) -> None:
    from rnnviz.figures import letters as figures
    from rnnviz.figures.theme import CELL_COLOURS

    read = numbers.surprise(one)
    sign = list(read.text[: numbers.SPELT])
    spec = figures.surprise.spec(
        sign, read.bits[: len(sign)].tolist(), words.yardsticks(one), CELL_COLOURS[chosen.cell]
    )
    alt = f"How many bits each letter of the passage surprises the {CELLS[chosen.cell].label}"
    st.html(words.surprise_head(one))
    with st.container(key="surprise_panel"):
        charts.mount("text_surprise", spec, alt, controls.view, 210, f"surprise-{chosen.cell}")
