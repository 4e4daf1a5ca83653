"""Claims about the gates of LSTM and GRU, and about their conventions."""

from __future__ import annotations

from rnnviz.claims.model import Chart, Claim, Line, Link, Table, Values, Verdict, steps
from rnnviz.claims.words import number
from rnnviz.experiment import Experiment


def within(value: float, stated: float, factor: float = 2.0) -> bool:
    """Whether a stated number is right up to a factor."""
    return stated / factor <= value <= stated * factor


def _cell_path(m: Values) -> Verdict:
    if m["error"] > 1e-12:
        return "not"
    return "part" if m["norm_rest"] > 0.01 * m["norm_direct"] else "holds"


def _cell_path_chart(m: Values) -> Chart:
    x = steps(m["steps"] + 1)
    lines = (
        Line("in all", x, m["total"], "lstm"),
        Line("f alone", x, m["direct"], "plain", "dash"),
    )
    alt = "Norm of the derivative of the memory by an earlier one: the direct path, and in all"
    return Chart("steps back", "‖∂c<sub>t</sub>/∂c<sub>t−k</sub>‖", lines, alt)


def _open_closed_chart(m: Values) -> Chart:
    line = Line("i, f, o", m["centres"], m["share"], "lstm")
    return Chart(
        "value of a gate", "share of values", (line,), "How the values of the gates are spread", log=False
    )


def _bounded(m: Values) -> Verdict:
    if m["most"] > 1:
        return "not"
    return "part" if max(map(abs, m["c"])) > 1 else "holds"


def _bounded_chart(m: Values) -> Chart:
    x = steps(m["steps"], 1)
    lines = (Line("memory c", x, m["c"], "lstm"), Line("state h", x, m["h"], "c", "dash"))
    return Chart("time step t", "value", lines, "Memory and state of an LSTM that counts", log=False)


def _gru_reset_table(m: Values) -> Table:
    rows = tuple((str(H), number(d)) for H, d in zip(m["sizes"], m["differences"], strict=True))
    return Table(("units", "largest difference of the states"), rows)


def _parameters_table(m: Values) -> Table:
    labels = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
    rows = [(label, *(f"{count:,}" for count in m["counts"][name])) for name, label in labels.items()]
    rows.append(("GRU ÷ LSTM", *(f"{ratio:g}" for ratio in m["ratios"])))
    return Table(("", *m["sizes"]), tuple(rows))


def _gru_z_table(m: Values) -> Table:
    rows = (
        (f"nn.GRU, z = 1 for {m['steps']} steps: h has moved by", number(m["kept"])),
        ("(1 − z) h + z n with PyTorch's weights: off by", number(m["as_written"])),
        ("the same with the block of z negated: off by", number(m["converted"])),
    )
    return Table(("", "largest difference"), rows)


GATES = (
    Claim(
        name="cell_path",
        said="In an LSTM, ∂c<sub>t</sub>/∂c<sub>t−1</sub> = f<sub>t</sub>",
        stated="f<sub>t</sub>",
        found="f<sub>t</sub> ({norm_direct:.2f}) and a rest ({norm_rest:.2f})",
        why="With h<sub>t−1</sub> held fixed, the derivative is diag(f<sub>t</sub>), up to rounding ({error}). But "
        "h<sub>t−1</sub> follows c<sub>t−1</sub> and feeds every gate. That second path has a mean norm of "
        "{norm_rest:.3f} beside {norm_direct:.3f} of the direct one, and it adds up: over {steps} steps the direct "
        "path alone leaves {direct_end}, both together {total_end}.",
        judge=_cell_path,
        chart=_cell_path_chart,
        link=Link(
            "gradients",
            "The two paths in the app",
            Experiment(cells=("lstm",), length=50, hidden=20, signal="noise"),
            (("lab", "paths"),),
        ),
    ),
    Claim(
        name="open_closed",
        said="A gate is either open or closed",
        stated="0 or 1",
        found="{least:.2f} to {most:.2f}",
        why="A gate is a sigmoid and takes any value between 0 and 1. In an LSTM as PyTorch starts it, reading noise, "
        "i, f and o lie between {least:.2f} and {most:.2f}, half of them below {median:.2f}; {decided:.0%} are below "
        "0.1 or above 0.9. Open and closed is what training may make of them, or large weights.",
        judge=lambda m: "holds" if m["decided"] > 0.9 else "not" if m["decided"] < 0.1 else "part",
        chart=_open_closed_chart,
        link=Link(
            "gates",
            "These gates, unit by unit",
            Experiment(cells=("lstm",), length=100, hidden=20, signal="noise"),
            (("show", "spread"),),
        ),
    ),
    Claim(
        name="bounded",
        said="The tanh keeps an LSTM's state within −1 and 1",
        stated="|h|, |c| ≤ 1",
        found="largest |h| {most:.5f}; c = {end:.1f}",
        why="It bounds h, whose largest is {most:.5f} here. The memory c has no bound: with every gate open and "
        "the candidate near 1 it grows by about 1 a step, to {end:.1f} after {steps} steps. So an LSTM can count.",
        judge=_bounded,
        chart=_bounded_chart,
    ),
    Claim(
        name="gru_z",
        said="nn.GRU computes h<sub>t</sub> = (1 − z) h<sub>t−1</sub> + z n: z = 1 takes the candidate",
        stated="z = 1 replaces",
        found="nn.GRU: z = 1 keeps",
        why="Two conventions are in use. The formula is that of Chung et al. and of many tutorials; nn.GRU, as Cho et "
        "al., computes (1 − z) n + z h<sub>t−1</sub>: with z = 1 the state moves by {kept} in {steps} steps. The "
        "formula with PyTorch's weights is off by {as_written}. As "
        "σ(−a) = 1 − σ(a), negating the weights and biases of the z block turns the one into the other, up to rounding "
        "({converted}).",
        judge=lambda m: "not" if m["kept"] < 1e-9 < m["as_written"] else "holds",
        table=_gru_z_table,
        link=Link(
            "gates",
            "Both GRUs side by side",
            Experiment(cells=("gru", "gru_reset_before"), length=60, hidden=16, signal="step"),
            (("beside", "gru_reset_before"),),
        ),
        source="Cho et al. 2014, arXiv:1406.1078; Chung et al. 2014, arXiv:1412.3555",
    ),
    Claim(
        name="gru_reset",
        said="Whether a GRU's reset gate acts before or after the recurrent product makes no difference",
        stated="the same",
        found="8 units: off by {eight}",
        why="After the product, as in nn.GRU, it is r ⊙ (W h); before it, as in many tutorials, W (r ⊙ h). With one "
        "unit these are equal (off by {single}). With more they agree at every r only if W is diagonal, so unlike the "
        "sense of z this cannot be converted away. Left out here is b<sub>hn</sub>, which PyTorch also puts inside of "
        "the reset.",
        judge=lambda m: "not" if m["eight"] > 1e-6 else "holds",
        table=_gru_reset_table,
        link=Link(
            "states",
            "The states of the tutorials' GRU",
            Experiment(cells=("gru_reset_before", "gru"), length=40, hidden=8, signal="noise"),
        ),
        source="Cho et al. 2014, arXiv:1406.1078, versions 1 and 3",
    ),
    Claim(
        name="parameters",
        said="A GRU has three quarters of the parameters of an LSTM of the same size",
        stated="¾",
        found="{ratios[0]:g}",
        why="Both are made of equal blocks, each with a matrix for the input, one for the state and two biases: an RNN "
        "has one block, a GRU three, an LSTM four. That a GRU is therefore quicker or better does not follow; that "
        "depends on the task and on the machine.",
        judge=lambda m: "holds" if all(ratio == 0.75 for ratio in m["ratios"]) else "not",
        table=_parameters_table,
    ),
)
"""In the order of the page."""
