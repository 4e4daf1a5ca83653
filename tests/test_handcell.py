"""Networks by hand: PyTorch's numbers at every step, exact in closed forms, and the same in text and script."""

import contextlib
import io
import math
import re
from functools import partial
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnviz import cells
from rnnviz.handcell.numbers import LARGEST, LARGEST_INPUT, MOST, UNITS, number, read, setup, shapes, written
from rnnviz.handcell.presets import FIRST, PRESETS, drawn, nearest, preset_of, setup_of, start, text_of
from rnnviz.handcell.run import run, twin
from rnnviz.handcell.script import script
from rnnviz.registry import CELLS

EXACT = {"rtol": 1e-12, "atol": 1e-12}
double = partial(torch.tensor, dtype=torch.float64)
OWN = [name for name, cell in CELLS.items() if cell.torch_class]
"""The cells that PyTorch has itself."""


def some(cell, units, seed, steps=4):
    """Random numbers at every place: start states and gains too."""
    g = torch.Generator().manual_seed(seed)

    def drawn(size):
        return (torch.rand(size, generator=g, dtype=torch.float64) * 4 - 2).tolist()

    values = {name: drawn(math.prod(shape)) for name, shape in shapes(cell, units).items()}
    return setup(cell, units, [10 * x for x in drawn(steps)], **values)


def by_torch(found):
    """An nn.RNN, nn.LSTM or nn.GRU of the test's own with these numbers; its outputs, step by step."""
    cell, H = found.cell, found.units
    more = {"nonlinearity": "relu"} if cell == "rnn_relu" else {}
    with torch.random.fork_rng():
        module = getattr(nn, CELLS[cell].torch_class)(1, H, **more).double()
        readout = nn.Linear(H, 1).double()
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            parameter = getattr(module, f"{name}_l0")
            parameter.copy_(double(found.values[name]).view_as(parameter))
        readout.weight.copy_(double(found.values["V"])[None])
        readout.bias.copy_(double(found.values["b_y"]))
        first = [double(found.values[f"{s}0"]).view(1, 1, H) for s in CELLS[cell].states]
        state, h, c = (tuple(first) if len(first) > 1 else first[0]), [], []
        for x in found.x:
            output, state = module(double([[[x]]]), state)
            h.append(output[0, 0])
            c.append(state[1][0, 0] if len(first) > 1 else output[0, 0])
        h, c = torch.stack(h), torch.stack(c)
        return h, c, readout(h)[:, 0]


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("cell", OWN)
@settings(max_examples=2)
@given(seed=st.integers(0, 10**6), steps=st.integers(1, MOST))
def test_every_step_is_pytorchs(cell, units, seed, steps):
    found = run(some(cell, units, seed, steps))
    h, c, y = by_torch(found.setup)
    torch.testing.assert_close(found.seen.values["h"], h, **EXACT)
    torch.testing.assert_close(found.y, y, **EXACT)
    if "c" in CELLS[cell].states:
        torch.testing.assert_close(found.seen.values["c"], c, **EXACT)
    assert found.apart < 1e-12
    assert found.reference.name == f"nn.{CELLS[cell].torch_class}"


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("cell", [name for name in CELLS if name not in OWN])
@settings(max_examples=2)
@given(seed=st.integers(0, 10**6), steps=st.integers(1, MOST))
def test_every_step_of_a_cell_that_pytorch_lacks_is_its_step_function(cell, units, seed, steps):
    found = run(some(cell, units, seed, steps))
    values = found.setup.values
    params = {name: double(values[name]).view(shapes(cell, units)[name]) for name, _ in CELLS[cell].params}
    state = tuple(double(values[f"{name}0"]) for name in CELLS[cell].states)
    for t, x in enumerate(found.setup.x):
        gates, state = cells.STEPS[cell](params, double([x]), state)
        for name, value in (gates | dict(zip(CELLS[cell].states, state, strict=True))).items():
            torch.testing.assert_close(found.seen.values[name][t], value, **EXACT)
    V, b_y = double(values["V"]), values["b_y"][0]
    assert float(found.y[-1]) == pytest.approx(float(V @ state[0]) + b_y, rel=1e-12, abs=1e-12)
    assert found.apart < 1e-12
    assert found.reference.name == f'CellModule("{cell}")'


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("cell", CELLS)
def test_what_stands_inside_of_a_function_gives_its_value(cell, units):
    found = run(some(cell, units, 7))
    functions = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
    bounded = [node for node in found.seen.nodes if node.terms and node.kind in functions]
    assert set(found.sums) == {node.name for node in bounded}
    for node in bounded:
        torch.testing.assert_close(
            functions[node.kind](found.sums[node.name]), found.seen.values[node.name], **EXACT
        )


@pytest.mark.parametrize("cell", ["lstm_layernorm"])
def test_slopes_are_what_moving_a_number_does(cell):
    found = run(some(cell, 2, 11, steps=2))
    for name, row in found.slopes.items():
        k = len(row) // 2
        up, down = (
            run(found.setup.put(name, k, found.setup.array(name)[k] + by)).y[-1] for by in (1e-6, -1e-6)
        )
        assert row[k] == pytest.approx(float(up - down) / 2e-6, rel=1e-4, abs=1e-6), name


def test_the_gradients_are_those_of_the_last_output():
    found = run(some("lstm", 2, 3))
    V = double(found.setup.values["V"])
    torch.testing.assert_close(found.seen.gradients["h"][-1], V, **EXACT)
    assert found.seen.scored == (3,)
    assert set(found.seen.norms) == set(found.seen.lost) == {"h", "c"}


def test_closed_forms():
    y = {name: run(preset.setup).y.tolist() for name, preset in PRESETS.items()}
    assert y["counter"] == [10, 30, 60]
    assert y["forgets"] == [0.5**t for t in range(6)]
    assert y["explodes"] == [2.0**t for t in range(6)]
    assert y["smooths"] == [5, 12.5, 21.25]
    assert y["change"] == [10, 10, 10, -5]
    assert y["turns"] == [1, 0, -1, 0, 1, 0, -1, 0]
    assert y["keeps"] == [math.tanh(math.tanh(1.0))] * 6
    assert [round(value) for value in y["prices"]] == [20, 30, 40]
    assert [value > 0.9 for value in y["latch"]] == [True] * 3 + [False] * 3 + [True] * 2
    assert all(abs(value) > 0.9 for value in y["latch"])


def test_what_the_examples_promise_of_their_gradients_and_gates():
    forgets, keeps = run(PRESETS["forgets"].setup), run(PRESETS["keeps"].setup)
    assert forgets.slopes["h0"] == (0.5**6,)
    assert keeps.seen.values["f"].unique().tolist() == [1]
    assert keeps.seen.values["c"].unique().numel() == 1
    assert run(PRESETS["smooths"].setup).seen.values["z"].unique().tolist() == [0.5]


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("cell", CELLS)
def test_the_largest_numbers_overflow_nothing(cell, units):
    values = dict.fromkeys(shapes(cell, units), LARGEST)
    found = run(setup(cell, units, [LARGEST_INPUT] * MOST, **values))
    assert all(bool(value.isfinite().all()) for value in found.seen.values.values())
    assert bool(found.y.isfinite().all())


def test_nothing_random_is_used_up():
    before = torch.random.get_rng_state()
    run(FIRST)
    twin(start("lstm", 2))
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("cell", CELLS)
def test_the_script_prints_the_same(cell):
    for found in (some(cell, 1, 5), some(cell, 2, 6)):
        known, names, printed = run(found), {}, io.StringIO()
        with torch.random.fork_rng(), contextlib.redirect_stdout(printed):
            try:
                exec(compile(script(found), "script.py", "exec"), names)
            finally:
                torch.set_default_dtype(torch.float32)
        torch.testing.assert_close(names["h"], known.seen.values["h"], **EXACT)
        torch.testing.assert_close(names["y"], known.y, **EXACT)
        said = [float(value) for value in re.findall(r"y = (\S+)", printed.getvalue())]
        assert said == pytest.approx(known.y.tolist(), rel=1e-12)
        if "c" in CELLS[cell].states:
            torch.testing.assert_close(names["c"], known.seen.values["c"][-1], **EXACT)


def test_a_script_runs_by_itself(tmp_path: Path, run_alone):
    for name in ("keeps", "smooths"):
        file = tmp_path / f"{name}.py"
        file.write_text(script(PRESETS[name].setup), "utf-8")
        done = run_alone(file)
        assert done.returncode == 0, done.stderr
        said = [float(value) for value in re.findall(r"y = (\S+)", done.stdout)]
        assert said == run(PRESETS[name].setup).y.tolist()


# The text of a link


@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=3)
@given(seed=st.integers(0, 10**6), units=st.sampled_from(UNITS))
def test_text_and_back(cell, seed, units):
    found = some(cell, units, seed)
    assert read(written(found), FIRST) == (found, [])
    assert setup_of(text_of(found)) == (found, [])
    assert nearest(text_of(found)) == (text_of(found), [])
    assert re.fullmatch(r"[\w.-]+", written(found))


def test_an_example_is_called_by_its_name():
    for name, preset in PRESETS.items():
        assert text_of(preset.setup) == name
        assert preset_of(preset.setup) is preset
        assert setup_of(name.upper()) == (preset.setup, [])
        assert nearest(written(preset.setup)) == (name, [])
    assert preset_of(FIRST.put("x", 0, 11)) is None


@pytest.mark.parametrize(
    ("text", "means", "said"),
    [
        ("nonsense", FIRST, "nonsense"),
        ("rnn", setup("rnn", 1, FIRST.x), ""),
        ("rnn;1;x=1,2;W=0,5", setup("rnn", 1, (1, 2)), "W has 1 numbers"),
        ("rnn..7..x_1_2", setup("rnn", 2, (1, 2)), "1 or 2 units"),
        ("rnn..0..x_1", setup("rnn", 1, (1,)), "1 or 2 units"),
        ("rnn..1..x_1_nan_2", setup("rnn", 1, (1, 0, 2)), "nan"),
        ("rnn..1..U_1e400", setup("rnn", 1, FIRST.x, weight_ih=LARGEST), "1e400"),
        ("rnn..1..U_-5000", setup("rnn", 1, FIRST.x, weight_ih=-LARGEST), "-5000"),
        ("rnn..1..x_" + "_".join(["1"] * 40), setup("rnn", 1, [1] * MOST), "at most 12"),
        ("rnn..1..x", setup("rnn", 1, FIRST.x), ""),
        ("rnn..1..pf_3", setup("rnn", 1, FIRST.x), "no pf"),
        ("rnn..1..<script>", setup("rnn", 1, FIRST.x), "script"),
        ("lstm..1..U_1_2", setup("lstm", 1, FIRST.x, weight_ih=(1, 2, 0, 0)), "U has 4 numbers"),
    ],
)
def test_a_wrong_link_gives_the_nearest_setup_and_says_so(text, means, said):
    found, notes = setup_of(text)
    assert (found == means) if "W=0" not in text else found.values["weight_hh"] == (0.0,)
    assert bool(notes) == bool(said)
    assert said.replace("no pf", 'no "pf"') in " ".join(notes)
    assert nearest(text_of(found)) == (text_of(found), [])


@given(st.text(max_size=60))
def test_no_text_breaks_it(text):
    for given_text in (text, f"rnn..1..{text}", f"lstm..2..x_{text}..U_{text}"):
        found, notes = setup_of(given_text)
        assert 1 <= len(found.x) <= MOST
        assert nearest(text_of(found)) == (text_of(found), [])
        assert all(isinstance(note, str) for note in notes)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.5", 0.5), (" -3 ", -3), ("−2", -2), ("1e2", 100), ("0,25", 0.25), (",5", 0.5), ("+7", 7)],
)
def test_what_is_a_number(text, value):
    assert number(text, "V") == (value, "")


@pytest.mark.parametrize(
    "text", ["", "  ", "abc", "nan", "inf", "1e400", "1001", "1,2,3", "1_000", "٣", "--1"]
)
def test_what_is_none(text):
    found, why = number(text, "V")
    assert found is None
    assert why


def test_inputs_may_be_larger_than_weights():
    assert number("5000", "x") == (5000, "")
    assert number("5000", "V")[0] is None


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_has_round_numbers_to_begin_with(cell, units):
    found = start(cell, units)
    assert found.x == FIRST.x
    assert all(
        abs(value) < 100 and round(value, 2) == value for row in found.values.values() for value in row
    )
    y = run(found).y
    assert y.unique().numel() == len(y)  # something happens


def test_a_number_that_is_rounded_to_zero_has_no_sign():
    for seed in range(300):
        text = written(drawn("lstm", 1, (1, 0), seed))
        assert nearest(text) == (text, [])
    assert written(setup("rnn", 1, (-0.0, 1))) == written(setup("rnn", 1, (0, 1)))


def test_random_numbers_are_those_of_their_seed():
    assert drawn("lstm", 2, (10, 20, 30), 4) == drawn("lstm", 2, (10, 20, 30), 4)
    assert drawn("lstm", 2, (10, 20, 30), 4) != drawn("lstm", 2, (10, 20, 30), 5)
    large, small = (drawn("rnn", 2, x, 4).values["weight_ih"] for x in ((300.0,), (0.3,)))
    assert max(map(abs, large)) <= 0.001
    assert max(map(abs, small)) > 0.01


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="units"):
        setup("rnn", 3, (1,))
    with pytest.raises(ValueError, match="numbers in V"):
        setup("rnn", 1, (1,), V=(1, 2))
    with pytest.raises(ValueError, match="arrays out of"):
        setup("rnn", 1, (1,), weight_cf=1)
    with pytest.raises(ValueError, match="inputs"):
        setup("rnn", 1, ())
