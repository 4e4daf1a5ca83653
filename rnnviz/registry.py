"""What is known of each cell besides its equations: names, gates, shapes, sources.

The equations are the functions of the same names in :mod:`rnnviz.cells`. This file imports neither torch nor
anything heavy, so that menus and controls can be drawn while torch is still loading. To add a cell, write its
step function there and its entry here; every page then shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["sigmoid", "tanh", "linear", "relu"]


@dataclass(frozen=True)
class Gate:
    """One named quantity of a step: its letter, what bounds it, and what it does in a few words."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True)
class Cell:
    """A recurrent cell, described.

    ``params`` maps each parameter's name to its shape in the letters ``D`` (input), ``H`` (hidden) and products
    such as ``4H``. ``blocks`` names the H-row blocks that are stacked in the weight matrices, in order.
    ``forget`` is the block whose bias decides how much of the memory is kept, where the cell has one.
    ``recurrent`` names the matrix that the weight scale multiplies and the initialisation fills, or None.
    """

    name: str
    label: str
    gates: tuple[Gate, ...]
    states: tuple[str, ...]
    blocks: tuple[str, ...]
    params: tuple[tuple[str, tuple[str, ...]], ...]
    recurrent: str | None
    forget: str | None
    torch_class: str | None
    equations: str
    note: str
    source: str

    @property
    def gate_names(self) -> tuple[str, ...]:
        """The letters of the gates, in PyTorch's order."""
        return tuple(gate.name for gate in self.gates)


def _dense(rows: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (
        ("weight_ih", (rows, "D")),
        ("weight_hh", (rows, "H")),
        ("bias_ih", (rows,)),
        ("bias_hh", (rows,)),
    )


_I = Gate("i", "sigmoid", "input gate: how much of the candidate is written")
_F = Gate("f", "sigmoid", "forget gate: 1 keeps the memory, 0 erases it")
_G = Gate("g", "tanh", "candidate: what would be written")
_O = Gate("o", "sigmoid", "output gate: how much of the memory is shown")

_LSTM_MEMORY = r"\\ c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\ h_t &= o_t \odot \tanh(c_t)"

_CELLS = (
    Cell(
        name="rnn",
        label="RNN (tanh)",
        gates=(),
        states=("h",),
        blocks=("h",),
        params=_dense("H"),
        recurrent="weight_hh",
        forget=None,
        torch_class="RNN",
        equations=r"h_t &= \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",
        note="No gates: the whole state is rewritten at every step.",
        source="Elman 1990, doi:10.1207/s15516709cog1402_1",
    ),
    Cell(
        name="lstm",
        label="LSTM",
        gates=(_I, _F, _G, _O),
        states=("h", "c"),
        blocks=("i", "f", "g", "o"),
        params=_dense("4H"),
        recurrent="weight_hh",
        forget="f",
        torch_class="LSTM",
        equations=r"i_t &= \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi}) \\"
        r" f_t &= \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf}) \\"
        r" g_t &= \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg}) \\"
        r" o_t &= \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho})" + _LSTM_MEMORY,
        note="The memory c changes only by f (keep) and i (write).",
        source="Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; forget gate: Gers et al. 2000",
    ),
    Cell(
        name="gru",
        label="GRU",
        gates=(
            Gate("r", "sigmoid", "reset gate: how much of the old state the candidate sees"),
            Gate("z", "sigmoid", "update gate: 1 keeps the old state, 0 takes the candidate"),
            Gate("n", "tanh", "candidate: the new state on offer"),
        ),
        states=("h",),
        blocks=("r", "z", "n"),
        params=_dense("3H"),
        recurrent="weight_hh",
        forget=None,
        torch_class="GRU",
        equations=r"r_t &= \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr}) \\"
        r" z_t &= \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz}) \\"
        r" n_t &= \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn})) \\"
        r" h_t &= (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
        note="PyTorch's convention: z = 1 keeps, and the reset acts after the recurrent product.",
        source="Cho et al. 2014, arXiv:1406.1078v1; the form of torch.nn.GRU",
    ),
    Cell(
        name="rnn_relu",
        label="RNN (ReLU)",
        gates=(),
        states=("h",),
        blocks=("h",),
        params=_dense("H"),
        recurrent="weight_hh",
        forget=None,
        torch_class="RNN",
        equations=r"h_t &= \mathrm{ReLU}(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",
        note="Unbounded: with the identity initialisation this is the IRNN.",
        source="Le, Jaitly & Hinton 2015, arXiv:1504.00941",
    ),
    Cell(
        name="rnn_linear",
        label="Linear RNN",
        gates=(),
        states=("h",),
        blocks=("h",),
        params=_dense("H"),
        recurrent="weight_hh",
        forget=None,
        torch_class=None,
        equations=r"h_t &= W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}",
        note="No non-linearity: the gradient over k steps is exactly the k-th power of W_hh.",
        source="Saxe, McClelland & Ganguli 2014, arXiv:1312.6120",
    ),
    Cell(
        name="gru_reset_before",
        label="GRU (tutorial form)",
        gates=(
            Gate("r", "sigmoid", "reset gate: scales the old state before the matrix product"),
            Gate("z", "sigmoid", "update gate: 0 keeps the old state, 1 takes the candidate"),
            Gate("n", "tanh", "candidate: the new state on offer"),
        ),
        states=("h",),
        blocks=("r", "z", "n"),
        params=_dense("3H"),
        recurrent="weight_hh",
        forget=None,
        torch_class=None,
        equations=r"r_t &= \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr}) \\"
        r" z_t &= \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz}) \\"
        r" n_t &= \tanh(W_{in} x_t + b_{in} + W_{hn} (r_t \odot h_{t-1}) + b_{hn}) \\"
        r" h_t &= (1 - z_t) \odot h_{t-1} + z_t \odot n_t",
        note="Tutorials' convention: z = 0 keeps (the reverse of PyTorch), and the reset acts before the product.",
        source="Chung et al. 2014, arXiv:1412.3555; the reset as in Cho et al. 2014, arXiv:1406.1078v3",
    ),
    Cell(
        name="lstm_peephole",
        label="Peephole LSTM",
        gates=(_I, _F, _G, _O),
        states=("h", "c"),
        blocks=("i", "f", "g", "o"),
        params=(*_dense("4H"), ("weight_ci", ("H",)), ("weight_cf", ("H",)), ("weight_co", ("H",))),
        recurrent="weight_hh",
        forget="f",
        torch_class=None,
        equations=r"i_t &= \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi} + p_i \odot c_{t-1}) \\"
        r" f_t &= \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf} + p_f \odot c_{t-1}) \\"
        r" g_t &= \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg}) \\"
        r" c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\"
        r" o_t &= \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho} + p_o \odot c_t) \\"
        r" h_t &= o_t \odot \tanh(c_t)",
        note="The gates also look at the memory itself, each unit at its own.",
        source="Gers, Schraudolph & Schmidhuber 2002, JMLR 3:115-143",
    ),
    Cell(
        name="lstm_layernorm",
        label="Layer-norm LSTM",
        gates=(_I, _F, _G, _O),
        states=("h", "c"),
        blocks=("i", "f", "g", "o"),
        params=(
            ("weight_ih", ("4H", "D")),
            ("weight_hh", ("4H", "H")),
            ("bias_ih", ("4H",)),
            ("bias_hh", ("4H",)),
            ("gain_ih", ("4H",)),
            ("gain_hh", ("4H",)),
            ("gain_c", ("H",)),
            ("bias_c", ("H",)),
        ),
        recurrent="weight_hh",
        forget="f",
        torch_class=None,
        equations=r"a_t &= \mathrm{LN}(W_{ih} x_t) + b_{ih} + \mathrm{LN}(W_{hh} h_{t-1}) + b_{hh} \\"
        r" i_t, f_t, o_t &= \sigma(a_t^{i}), \sigma(a_t^{f}), \sigma(a_t^{o}) \\ g_t &= \tanh(a_t^{g}) \\"
        r" c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\ h_t &= o_t \odot \tanh(\mathrm{LN}(c_t))",
        note="Layer norm (with a learned gain) acts on the pre-activations, so the scale of W_hh cancels out.",
        source="Ba, Kiros & Hinton 2016, arXiv:1607.06450",
    ),
    Cell(
        name="mingru",
        label="minGRU",
        gates=(
            Gate("z", "sigmoid", "update gate: 0 keeps the old state, 1 takes the candidate"),
            Gate("n", "linear", "candidate: a linear map of the input alone"),
        ),
        states=("h",),
        blocks=("z", "n"),
        params=(("weight_ih", ("2H", "D")), ("bias_ih", ("2H",))),
        recurrent=None,
        forget=None,
        torch_class=None,
        equations=r"z_t &= \sigma(W_{iz} x_t + b_{iz}) \\ n_t &= W_{in} x_t + b_{in} \\"
        r" h_t &= (1 - z_t) \odot h_{t-1} + z_t \odot n_t",
        note="The gate looks at the input only: there is no recurrent matrix, and dh_T/dh_k is the product of 1 - z.",
        source="Feng et al. 2024, arXiv:2410.01201",
    ),
)

CELLS: dict[str, Cell] = {cell.name: cell for cell in _CELLS}
"""Every cell by its name, in the order in which menus list them."""


def cell_named(name: str) -> Cell:
    """The cell of that name; ``ValueError`` names the known ones."""
    try:
        return CELLS[name]
    except KeyError:
        raise ValueError(f"cell must be one of {', '.join(CELLS)}; got {name!r}") from None
