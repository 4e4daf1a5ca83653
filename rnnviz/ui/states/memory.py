"""A trained memory of three bits: the cube of its states, with its fixed points and the ways between them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from rnnviz.prose import listed
from rnnviz.ui import charts, preload, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.findings import number, share
from rnnviz.ui.live_chart import TimeScrub, Trail

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.dynamics import Projection
    from rnnviz.fixedpoints import FixedPoints, Way
    from rnnviz.ui.view import View

STEPS = 100
"""Of a sequence that is shown."""

HEIGHT = 430

OWN = {"task": "flipflop", "race": "rnn,gru,lstm", "span": "25", "width": "16", "lr": "0.01"}
"""The training of a memory of one's own, as the link has it."""


class Memory(NamedTuple):
    """The network's fixed points, what each says, the ways from its saddles, and how often it is right."""

    found: FixedPoints
    ways: tuple[Way, ...]
    bits: tuple[str, ...]
    accuracy: float


class Sequence(NamedTuple):
    """One sequence: pulses, answers and truth (T, 3), and the states along all their components."""

    pulses: Tensor
    said: Tensor
    truth: Tensor
    projection: Projection


def draw(controls: Controls) -> None:
    """The three bits at the left, the cube at the right, on one time."""
    shell.aside()
    look, example, dims = st.columns([2.5, 0.9, 0.6], gap="medium", vertical_alignment="bottom")
    with look:
        shell.look(
            "Three pulses write three bits. Play, and see the state jump from corner to corner of a cube."
        )
    with example:
        controls.slider("bits")
    with dims:
        controls.segment("cube")
    controls.keep()
    view = controls.view
    preload.ensure()
    memory, shown = _memory(), _sequence(view.bits, int(view.cube))
    _pictures(memory, shown, view)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences(memory, shown))
        st.page_link(
            charts.PAGES / "training.py",
            label="Train your own",
            icon=":material/model_training:",
            query_params=OWN,
        )
    with formula:
        _how()
        shell.equation("rnn")


def _pictures(memory: Memory, shown: Sequence, view: View) -> None:
    from rnnviz.figures import flow_memory as figures

    left, right = st.columns([1, 1], gap="medium")
    with left:
        fig = figures.three_bits.spec(shown.pulses, shown.said, shown.truth)
        alt = "Pulses on three channels over time, and what the network holds of each"
        time = TimeScrub(steps=STEPS, axes=("x",), first=1)
        charts.mount("memory_bits", fig, alt, view, HEIGHT, "three-bits", time)
    with right:
        fig = figures.cube.spec(shown.projection, memory.found, memory.ways, memory.bits, int(view.cube))
        alt = "States of the trained network in their principal components: a cube with a stable point at each corner"
        time = TimeScrub(steps=STEPS, axes=(), trails=(Trail(trace=0, start=1, window=4),), bar=False)
        charts.mount(f"memory_cube_{view.cube}", fig, alt, view, HEIGHT + 48, "memory-cube", time)


def sentences(memory: Memory, shown: Sequence) -> list[str]:
    """What the network can, and what its fixed points have to do with it."""
    found = memory.found
    stable = [k for k, kind in enumerate(found.kinds) if kind == "stable"]
    patterns = {memory.bits[k] for k in stable}
    slowest = max(float(found.eigenvalues[k, 0].abs()) for k in stable)
    grows = [int((values.abs() > 1).sum()) for values in found.eigenvalues]
    saddles = {n: grows.count(n) for n in sorted(set(grows) - {0})}
    kinds = listed([f"<b>{count}</b> with {_ways(n)}" for n, count in saddles.items()])
    edges = [k for k, n in enumerate(grows) if n == 1]
    joined = sum(_one_bit(memory, k) for k in edges)
    explained = [float(part) for part in shown.projection.explained]
    return [
        f"Right in fresh sequences: <b>{share(memory.accuracy)}</b> of the bits that have been set, in 64 sequences of "
        f"{STEPS} steps that the training has not seen. It trained on 25 steps.",
        f"Without input <b>{len(stable)}</b> stable points were found, with <b>{len(patterns)}</b> different patterns "
        f"of three bits, such as {memory.bits[stable[0]]}: each corner is one thing to remember. A small push dies "
        f"out, the largest |λ| there is <b>{number(slowest)}</b>; so a bit stays for as long as no pulse comes.",
        f"Between them <b>{found.count('saddle')}</b> saddles were found: {kinds}. Of the first, <b>{joined}</b> of "
        f"{len(edges)} join two corners that differ in one bit: the edges of the cube. A pulse that carries the state "
        "past one flips that bit.",
        f"The first {len(explained)} principal components hold <b>{share(sum(explained))}</b> of the variance of the "
        f"states of 32 sequences ({', '.join(share(part) for part in explained)}), of {found.points.shape[1]} units.",
    ]


def _ways(count: int) -> str:
    return "one direction that grows" if count == 1 else f"{count}"


def _one_bit(memory: Memory, saddle: int) -> bool:
    """Whether the ways from a saddle end at two corners that differ in a single bit."""
    ends = {way.end for way in memory.ways if way.saddle == saddle and way.end is not None}
    if len(ends) != 2:
        return False
    one, other = (memory.bits[k] for k in ends)
    return sum(a != b for a, b in zip(one, other, strict=True)) == 1


@lru_cache(maxsize=1)
def _memory() -> Memory:
    from rnnviz import flipflop

    model = flipflop.network()
    found, ways = flipflop.memories(model)
    return Memory(found, ways, flipflop.bits(model, found.points), flipflop.accuracy(model))


@lru_cache(maxsize=64)
def _sequence(number: int, dims: int) -> Sequence:
    import torch

    from rnnviz import dynamics, flipflop

    model = flipflop.network()
    _, batch = flipflop.sequences(32, STEPS, seed=26)
    with torch.no_grad():
        states = model.rnn(batch.x)[0]
        said = model.head(states)[:, number]
    start = states.new_zeros(1, *states.shape[1:])
    # The axes are those of all sequences, so that the cube stands still.
    every = dynamics.project(torch.cat([start, states]), dims)
    one = slice(number, number + 1)
    projection = replace(every, points=every.points[:, one], finite=every.finite[:, one])
    return Sequence(batch.x[:, number], said, batch.y[:, number], projection)


def _how() -> None:
    st.html(
        "<h2 class='rv-h2'>The trained network</h2><p class='rv-note'>A tanh RNN of 12 units and a linear layer that "
        "reads three bits off its state, trained with Adam in 1,200 updates to hold the last pulse of each channel. "
        "Its weights come with the app; <code>python -m rnnviz.flipflop</code> makes them anew in some seconds. "
        "Filled: stable; open: saddles; thin lines: the ways that leave the saddles, followed until they rest. All "
        "is found on this network when the page is opened.<br><span>Sussillo &amp; Barak 2013, Neural Computation "
        "25:626, figures 2 and 3</span></p>"
    )
