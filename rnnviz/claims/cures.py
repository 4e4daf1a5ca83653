"""Claims about what keeps gradients and memories alive."""

from __future__ import annotations

from rnnviz.claims.model import Chart, Claim, Line, Link, Table, Values, Verdict, steps
from rnnviz.claims.words import number
from rnnviz.experiment import Experiment

_NOISE = Experiment(cells=("rnn", "lstm", "gru"), length=100, hidden=20, signal="noise")
_X0 = "‖∂L/∂x<sub>0</sub>‖"
_BACK = "steps back"
_PASCANU = "Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063"


def _relu_chart(m: Values) -> Chart:
    count = len(m["tanh"])
    lines = (
        Line("tanh", steps(count), m["tanh"][::-1], "rnn"),
        Line("ReLU", steps(count), m["relu"][::-1], "rnn_relu", "dash"),
    )
    return Chart(_BACK, "‖∂L/∂x<sub>t</sub>‖", lines, "Gradient norms of two RNNs, with tanh and with ReLU")


def _orthogonal(m: Values) -> Verdict:
    kept = (abs(m["linear_end"] - 1) < 1e-9) + (abs(m["tanh_end"] - 1) < 1e-9)
    return ("not", "part", "holds")[kept]


def _orthogonal_chart(m: Values) -> Chart:
    lines = (
        Line("linear", steps(101), m["linear"], "rnn_linear", "dash"),
        Line("tanh", steps(101), m["tanh"], "rnn"),
    )
    return Chart(_BACK, "‖∂L/∂h<sub>t</sub>‖", lines, "Gradient norms with an orthogonal matrix")


def _clipping(m: Values) -> Verdict:
    helped = sum(a > b for a, b in zip(m["early_after"], m["early_before"], strict=True))
    return "not" if not helped and m["gained"] == 0 else "part"


def _clipping_table(m: Values) -> Table:
    columns = ("scales", "before", "after", "early_before", "early_after")
    rows = tuple(
        (
            f"W<sub>hh</sub> × {scale:g}",
            f"{number(before)} → {number(after)}",
            f"{number(early)} → {number(late)}",
        )
        for scale, before, after, early, late in zip(*(m[name] for name in columns), strict=True)
    )
    return Table(("", "‖g‖, clipped", f"{_X0}, clipped"), rows)


def _lstm_keeps(m: Values) -> Verdict:
    if m["lstm"] > 1e-3:
        return "holds"
    return "part" if max(m["by_bias"]) > 1e-3 else "not"


def _lstm_keeps_chart(m: Values) -> Chart:
    x = tuple(float(b) for b in m["biases"])
    ends = (x[0], x[-1])
    lines = (
        Line("bias set", x, m["by_bias"], "lstm"),
        Line("LSTM", ends, (m["lstm"],) * 2, "lstm_peephole", "dash"),
        Line("RNN", ends, (m["rnn"],) * 2, "rnn", "dash"),
    )
    alt = (
        "Gradient norm at the first of 100 inputs by forget bias, beside LSTM and RNN as PyTorch starts them"
    )
    return Chart("forget bias", "‖∂L/∂x<sub>0</sub>‖", lines, alt)


def _memory_chart(m: Values) -> Chart:
    lines = tuple(
        Line(f"bias {b}", steps(101), curve, ink)
        for b, curve, ink in zip(m["biases"], m["curves"], "abcde", strict=True)
    )
    return Chart(
        "steps back", "∂c<sub>t</sub>/∂c<sub>t−k</sub>", lines, "What a constant forget gate leaves, by bias"
    )


def _forget_bias_table(m: Values) -> Table:
    rows = (
        ("both biases", f"{m['both']:.4f}"),
        ("bias_ih alone", f"{m['one']:.4f}"),
        ("σ(1)", f"{m['wanted']:.4f}"),
    )
    return Table(("1 written into", "f at zero input and state"), rows)


CURES = (
    Claim(
        name="relu",
        said="ReLU in place of tanh cures vanishing, because its slope is 1",
        stated="kept",
        found="{relu_first} (tanh: {tanh_first})",
        why="The slope is 1 only where a unit is on, here at {on:.0%} of units and steps; elsewhere nothing passes. "
        "And what passes still goes through W<sub>hh</sub>, whose eigenvalues are at most {radius} in size here. "
        "So over 100 steps this ReLU loses more than tanh. The recipe that made ReLU work starts W<sub>hh</sub> as "
        "the identity besides.",
        judge=lambda m: "not" if m["relu_first"] < 1e-6 else "holds",
        chart=_relu_chart,
        link=Link(
            "gradients",
            "Both in the app",
            Experiment(cells=("rnn", "rnn_relu"), length=100, hidden=20, signal="noise"),
            (("of", "x"),),
        ),
        source="Le, Jaitly & Hinton 2015, arXiv:1504.00941",
    ),
    Claim(
        name="orthogonal",
        said="An orthogonal W<sub>hh</sub> keeps the norm of the gradient over any number of steps",
        stated="norm 1",
        found="linear {linear_end:.6f}; tanh {tanh_end}",
        why="An orthogonal matrix only turns and mirrors: without a non-linearity {linear_end:.6f} of 1 is left after "
        "100 steps. With tanh each step also multiplies by 1 − h², which is below 1 wherever h is not 0: {tanh_end} is "
        "left. The smaller the states, the longer the gradient lives.",
        judge=_orthogonal,
        chart=_orthogonal_chart,
        link=Link(
            "gradients",
            "Orthogonal weights, linear and tanh",
            Experiment(cells=("rnn_linear", "rnn"), length=100, hidden=20, init="orthogonal", signal="noise"),
        ),
        source="Saxe, McClelland & Ganguli 2014, arXiv:1312.6120",
    ),
    Claim(
        name="clipping",
        said="Gradient clipping also cures vanishing gradients",
        stated="cures",
        found=f"{_X0}: {{early_before[0]}} → {{early_after[0]}}",
        why="Clipping only shortens: afterwards the norm is min(‖g‖, θ), here with θ = {threshold:g}. That tames what "
        "explodes ({before[1]} becomes {after[1]}). A gradient of norm {small} changes by {gained}. And where early "
        "steps have vanished beside late ones, all are shortened alike, and the early ones are smaller still. (PyTorch "
        "divides by ‖g‖ + 10⁻⁶ and so ends a little below θ.)",
        judge=_clipping,
        table=_clipping_table,
        link=Link("gradients", "The gradient that clipping cannot bring back", _NOISE, (("of", "x"),)),
        source=_PASCANU,
    ),
    Claim(
        name="lstm_keeps",
        said="The gradient of an LSTM does not vanish",
        stated="kept",
        found="default {lstm}; forget bias 5: {by_bias[5]}",
        why="As PyTorch starts it, the forget gate is near ½, and over 100 steps the LSTM loses the gradient as the "
        "RNN does: ‖∂L/∂x<sub>0</sub>‖ is {lstm}, and {rnn} in the RNN. The forget bias makes the difference: at "
        "0, 1, 2 and 3 it is {by_bias[0]}, {by_bias[1]}, {by_bias[2]} and {by_bias[3]}. This is one seed; "
        "another gives other numbers and the same picture.",
        judge=_lstm_keeps,
        chart=_lstm_keeps_chart,
        link=Link(
            "gradients",
            "Drag the forget bias in the app",
            Experiment(cells=("lstm", "rnn"), length=100, hidden=20, signal="noise"),
            (("of", "x"),),
        ),
    ),
    Claim(
        name="memory",
        said="With a forget bias of 1, an LSTM remembers over 100 steps",
        stated="remembers",
        found="{left[1]} is left",
        why="A gate that stays at f = σ(1) = {gates[1]:.3f} leaves half after {half[1]:.1f} steps. To keep half over "
        "100 steps takes a bias of about 5: f = {gates[4]:.4f} leaves {left[4]}. A bias of 1 is a better start than 0, "
        "which leaves {left[0]}; a longer memory has to be learned, or set.",
        judge=lambda m: "holds" if m["left"][1] > 0.1 else "not",
        chart=_memory_chart,
        link=Link(
            "gates",
            "The gates at a forget bias of 1",
            Experiment(cells=("lstm",), length=100, hidden=20, forget=1, signal="impulse"),
        ),
        source="Jozefowicz, Zaremba & Sutskever 2015; Tallec & Ollivier 2018, arXiv:1804.11188",
    ),
    Claim(
        name="forget_bias",
        said="Writing 1 into the forget block of every bias gives an LSTM a forget bias of 1",
        stated="1",
        found="{bias:.4g}",
        why="nn.LSTM has two biases, bias_ih and bias_hh, and adds them. With 1 in both, the forget gate at zero input "
        "and state is {both:.4f}, which is σ(2). With 1 in bias_ih and 0 in bias_hh it is {one:.4f}, as meant. The "
        "forget slider of this app sets the sum.",
        judge=lambda m: "holds" if abs(m["bias"] - 1) < 1e-6 else "not",
        table=_forget_bias_table,
        link=Link(
            "gates",
            "A forget bias of 1, in the app",
            Experiment(cells=("lstm",), length=60, hidden=16, forget=1, signal="step"),
        ),
    ),
)
"""In the order of the page."""
