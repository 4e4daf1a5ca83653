"""Claims about gradients that vanish or explode, and about how to look at them."""

from __future__ import annotations

from rnnviz.claims.model import Chart, Claim, Line, Link, Table, Values, Verdict, steps
from rnnviz.claims.words import number
from rnnviz.experiment import Experiment

_NOISE = Experiment(cells=("rnn", "lstm", "gru"), length=100, hidden=20, signal="noise")
_BACK = "steps back"
_PASCANU = "Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063"
_CELLS = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}


def within(value: float, stated: float, factor: float = 2.0) -> bool:
    """Whether a stated number is right up to a factor."""
    return stated / factor <= value <= stated * factor


def _chain(m: Values) -> Verdict:
    right = within(m["at10"], 1e-3) + within(m["at50"], 1e-10)
    return ("not", "part", "holds")[right]


def _chain_chart(m: Values) -> Chart:
    x = steps(50, 1)
    lines = (
        Line("dh/dW", x, m["size"], "rnn"),
        Line("Wᵏ", x, tuple(0.5**k for k in x), "plain", "dash"),
        Line("stated", (10.0, 50.0), (1e-3, 1e-10), "a", "points"),
    )
    return Chart(
        "step k", "∂h<sub>k</sub>/∂W", lines, "The gradient by W at each step, beside what is stated"
    )


def _linear_chart(m: Values) -> Chart:
    lines = tuple(
        Line(f"w = {w:g}", steps(101), curve, ink)
        for w, curve, ink in zip(m["weights"], m["curves"], "abc", strict=True)
    )
    return Chart(_BACK, "∂h<sub>T</sub>/∂h<sub>T−k</sub>", lines, "Gradients of linear RNNs by steps back")


def _weight_norm(m: Values) -> Verdict:
    falls = {name: norms[0] / norms[-1] for name, norms in m["weight"].items()}
    if falls["rnn"] > 1e3 > falls["lstm"]:
        return "holds"
    return "not" if max(falls.values()) < 1e3 else "part"


def _weight_norm_chart(m: Values) -> Chart:
    x = tuple(float(T) for T in m["lengths"])
    lines = [Line(f"{label}, W", x, m["weight"][name], name) for name, label in _CELLS.items()]
    lines += [Line(f"{label}, x₀", x, m["first"][name], name, "dash") for name, label in _CELLS.items()]
    alt = "Norms of the gradient by the input weights and by the first input, against the length"
    return Chart("length T", "norm of the gradient", tuple(lines), alt)


def _weight_norm_table(m: Values) -> Table:
    head = ("‖∂L/∂W<sub>ih</sub>‖ · ‖∂L/∂x<sub>0</sub>‖", *(f"T = {T}" for T in m["lengths"]))
    rows = [
        (
            label,
            *(f"{number(w)} · {number(x)}" for w, x in zip(m["weight"][name], m["first"][name], strict=True)),
        )
        for name, label in _CELLS.items()
    ]
    return Table(head, tuple(rows))


def _above_one(m: Values) -> Verdict:
    if m["least"] <= 1:
        return "part"
    return "not" if m["product"] < 1 else "holds"


def _above_one_chart(m: Values) -> Chart:
    lines = (
        Line("one step", steps(len(m["step"]), 1), m["step"][::-1], "a"),
        Line("all steps", steps(len(m["whole"]), 1), m["whole"], "rnn"),
    )
    return Chart(_BACK, "spectral norm", lines, "Norm of each step's Jacobian, and of their product")


def _sigmoid(m: Values) -> Verdict:
    if m["steepest"] > 0.25 + 1e-12:
        return "not"
    return "part" if max(m["factors"]) > 0.25 + 1e-12 else "holds"


def _sigmoid_chart(m: Values) -> Chart:
    lines = tuple(
        Line(f"w = {w:g}", steps(51), curve, ink)
        for w, curve, ink in zip(m["weights"], m["curves"], "abc", strict=True)
    )
    return Chart(_BACK, "∂h<sub>50</sub>/∂h<sub>50−k</sub>", lines, "Gradients of sigmoid RNNs by steps back")


def _retain_grad(m: Values) -> Verdict:
    lost = sum(r == 0 < t for r, t in zip(m["retained"], m["true"], strict=True))
    return "holds" if lost == 0 else "not" if lost == m["steps"] - 1 else "part"


def _retain_grad_chart(m: Values) -> Chart:
    x = steps(m["steps"], 1)
    lines = (
        Line("true", x, m["true"], "rnn"),
        Line("retained", x, m["retained"], "b", "points"),
    )
    return Chart(
        "time step t", "‖∂L/∂h<sub>t</sub>‖", lines, "The true gradient by step, and the retained one"
    )


VANISHING = (
    Claim(
        name="chain",
        said="In a chain h = tanh(W h) with W = 0.5, the gradient by W is about 0.001 after 10 steps "
        "and 10⁻¹⁰ after 50",
        stated="0.001; 10⁻¹⁰",
        found="{at10}; {at50}",
        why="It vanishes, but neither number is right. Where h is small, tanh does next to nothing, so h<sub>k</sub> "
        "shrinks by W a step and ∂h<sub>k</sub>/∂W is nearly (k/W) h<sub>k</sub>. That is more than W<sup>k</sup>, "
        "which is {power10} after 10 steps and {power50} after 50.",
        judge=_chain,
        chart=_chain_chart,
        link=Link(
            "gradients",
            "The same chain, set off by an impulse",
            Experiment(cells=("rnn",), length=50, hidden=1, scale=0.5, init="identity", signal="impulse"),
        ),
    ),
    Claim(
        name="linear",
        said="In a linear RNN with one weight w, the gradient over T steps is w<sup>T</sup>: below 1 it vanishes, "
        "above 1 it explodes",
        stated="w<sup>T</sup>",
        found="w<sup>T</sup>, up to rounding ({error})",
        why="100 steps with w = 0.9, 1 and 1.1 leave {at100[0]}, {at100[1]} and {at100[2]}, which are the powers. "
        "Arithmetic has limits of its own: over 1000 steps float32 gives {single[2]} for w = 1.1, and for w = 0.9 "
        "{single[0]} in place of {true}, which is below all that it can hold. The app marks such values.",
        judge=lambda m: "holds" if m["error"] < 1e-12 else "not",
        chart=_linear_chart,
        link=Link(
            "gradients",
            "A linear RNN of one unit, w = 0.9",
            Experiment(
                cells=("rnn_linear",), length=100, hidden=1, scale=0.9, init="identity", signal="impulse"
            ),
        ),
    ),
    Claim(
        name="above_one",
        said="Where |∂h<sub>i+1</sub>/∂h<sub>i</sub>| is above 1 at every step, the gradient explodes",
        stated="explodes",
        found="each step ≥ {least}, 100 steps {product}",
        why="A norm tells how much a step can stretch one direction; the next step need not stretch the same one. In "
        "this default RNN, W<sub>hh</sub> has a largest singular value of {sigma}, and each step's Jacobian a norm of "
        "at least {least}; yet all 100 together leave {product}. The largest eigenvalue, {radius} in size, tells more. "
        "Norms below 1 are enough to vanish; above 1 they are needed to explode, but not enough. With a single unit "
        "there is one direction only, and it does grow.",
        judge=_above_one,
        chart=_above_one_chart,
        link=Link(
            "gradients",
            "The same network in the app",
            Experiment(cells=("rnn",), length=100, hidden=64, signal="impulse"),
        ),
        source=_PASCANU,
    ),
    Claim(
        name="sigmoid",
        said="The sigmoid's slope is at most ¼, so each step of a sigmoid RNN cuts the gradient to a quarter or less",
        stated="a step: ≤ 0.25",
        found="slope ≤ {steepest}; a step: up to {factors[2]}",
        why="The slope is one factor of a step, the weight is the other. At h = ½, where the slope is {steepest}, the "
        "weights {weights[0]:g}, {weights[1]:g} and {weights[2]:g} give the factors {factors[0]}, {factors[1]} and "
        "{factors[2]}, and 50 steps leave {at50[0]}, {at50[1]} and {at50[2]}. What follows from the slope is that a "
        "network must vanish if the largest singular value of W<sub>hh</sub> is below 4.",
        judge=_sigmoid,
        chart=_sigmoid_chart,
        source=_PASCANU,
    ),
    Claim(
        name="weight_norm",
        said="Over 100 steps the norm of the weights' gradient is 0.000001 in an RNN and 0.1273 in an LSTM: so the RNN "
        "loses it and the LSTM does not",
        stated="0.000001; 0.1273",
        found="{weight[rnn][2]}; {weight[lstm][2]}",
        why="The weights act at every step, and the last steps always contribute: at each length and in each cell the "
        "norm is of order 1. So it cannot show vanishing. What does is the gradient at the first input: over 100 steps "
        "{first[rnn][2]} in the RNN and {first[lstm][2]} in the LSTM, both as PyTorch starts them.",
        judge=_weight_norm,
        chart=_weight_norm_chart,
        table=_weight_norm_table,
        link=Link("gradients", "The gradient by the input, at each step", _NOISE, (("of", "x"),)),
    ),
    Claim(
        name="retain_grad",
        said="<code>out.retain_grad()</code> on the output of nn.RNN shows the gradient at every step",
        stated="every step",
        found="exactly 0 at {zeros} of {steps} steps",
        why="The stacked output lies behind the recurrence, which never reads it. A loss on its last row touches that "
        "row alone, so the retained gradient is 0 at all other steps, whatever the network does. The true gradient, of "
        "the states themselves, is {true_before} one step before the last and {true_first} at the first. It takes an "
        "unrolled loop, or the gradient of each step's pre-activation.",
        judge=_retain_grad,
        chart=_retain_grad_chart,
        link=Link(
            "gradients",
            "The true gradient of this network",
            Experiment(cells=("rnn",), length=30, hidden=16),
        ),
    ),
)
"""In the order of the page."""
