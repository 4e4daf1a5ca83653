"""U, W and V as heat maps: every entry in its place, whatever the cell, the sizes and the readout."""

import itertools

import numpy as np
import pytest
import torch

from rnnviz.figures import cell_weights
from rnnviz.figures.cell_weights_parts import parts, reaches
from rnnviz.registry import CELLS
from rnnviz.variants import added

SIZES = ((1, 1), (3, 2), (5, 30), (40, 60))


def params_of(cell, H, D, layernorm=False):
    generator = torch.Generator().manual_seed(3)
    sizes = {"D": D, "H": H} | {f"{k}H": k * H for k in range(2, 5)}
    shapes = (*CELLS[cell].params, *(added(cell) if layernorm else ()))
    return {
        name: torch.randn([sizes[letter] for letter in shape], generator=generator) for name, shape in shapes
    }


def readout_of(H, outputs=3):
    generator = torch.Generator().manual_seed(4)
    return {
        "weight": torch.randn(outputs, H, generator=generator),
        "bias": torch.randn(outputs, generator=generator),
    }


@pytest.mark.parametrize("layernorm", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_every_entry_is_drawn_once(cell, layernorm, sound):
    for H, D in SIZES[: 4 if cell == "lstm" else 2]:
        params, readout = params_of(cell, H, D, layernorm), readout_of(H)
        channels = [f"<{k}>" for k in range(D)]
        fig = sound(
            cell_weights.weights(
                params, CELLS[cell], channels=channels, readout=readout, outputs=["a", "<b>", "c"]
            )
        )
        drawn = np.sort(np.concatenate([np.ravel(trace.z) for trace in fig.data]))
        every = np.concatenate([value.numpy().ravel() for value in (params | readout).values()])
        np.testing.assert_array_equal(drawn, np.sort(every))
        assert not any(
            "<b>" in str(text) for axis in ("yaxis", "yaxis2") for text in fig.layout[axis].ticktext or ()
        )
        sound(cell_weights.weights(params, CELLS[cell], channels=channels, present=True, room=370))


def test_a_hover_names_the_entry_and_what_it_joins():
    params = params_of("lstm_peephole", 3, 2)
    fig = cell_weights.weights(params, CELLS["lstm_peephole"], channels=["u", "v"], readout=readout_of(3))
    words = {trace.name: trace.hovertemplate for trace in fig.data}
    assert words["weight_hh f"].startswith("weight_hh[3 + %{y}, %{x}] = %{customdata:.6g}")
    assert "from unit %{x} of h to gate f, unit %{y}" in words["weight_hh f"]
    assert "from input %{x} to gate o, unit %{y}" in words["weight_ih o"]
    assert "from c to gate o, both of unit %{y}" in words["weight_co o"]
    assert "of gate g, unit %{y}" in words["bias_hh g"]
    # An output has a name where there is one, and in Python its number.
    assert words["weight V"].startswith("weight[%{y:d}, %{x}] = ")
    assert words["bias V"].startswith("bias[%{y:d}] = ")
    assert "from unit %{x} of h to output %{y}" in words["weight V"]
    one = cell_weights.weights(params_of("rnn", 3, 2), CELLS["rnn"], channels=["u", "v"])
    assert "to the new h, unit" in one.data[0].hovertemplate


def test_matrices_are_on_one_scale_and_vectors_on_another():
    params = params_of("gru", 4, 2)
    params["weight_hh"] *= 0.01
    params["bias_hh"] *= 30
    found = parts(params, CELLS["gru"])
    matrices, vectors = reaches(found)
    fig = cell_weights.weights(params, CELLS["gru"], channels=["u", "v"], least=(matrices * 2, 0.0))
    for trace in fig.data:
        bound = vectors if "bias" in trace.name else 2 * matrices
        assert (trace.zmin, trace.zmax) == (-bound, bound)
    assert sum(bool(trace.showscale) for trace in fig.data) == 2


def test_weights_that_are_not_finite_leave_gaps_and_are_counted(sound):
    params = params_of("rnn", 3, 2)
    params["weight_hh"][1, 1] = torch.inf
    fig = sound(cell_weights.weights(params, CELLS["rnn"], channels=["u", "v"]))
    assert "1 of 21 values are not finite" in " ".join(note.text for note in fig.layout.annotations)


def test_panels_of_a_column_stand_under_one_another_without_overlap():
    for cell in CELLS:
        fig = cell_weights.weights(params_of(cell, 4, 3), CELLS[cell], channels="uvw", readout=readout_of(4))
        layout = fig.to_dict()["layout"]
        for letter in "xy":
            domains = sorted(
                axis["domain"] for name, axis in layout.items() if name.startswith(f"{letter}axis")
            )
            assert all(one[1] <= other[0] for one, other in itertools.pairwise(domains))
            assert domains[0][0] >= 0
            assert domains[-1][1] <= 1
