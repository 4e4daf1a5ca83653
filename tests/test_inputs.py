"""What does not fit is refused at the door, in one sentence that says what to do."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnnviz.gradients import gradients
from rnnviz.inputs import prepare
from rnnviz.modules import CellModule
from rnnviz.trace import trace

LSTM, GRU = nn.LSTM(3, 5, num_layers=2), nn.GRU(3, 5, batch_first=True)
OWN = CellModule("lstm_peephole", 3, 5)
X = torch.zeros(7, 2, 3)


class OwnForward(nn.LSTM):
    def forward(self, x, hx=None):
        return super().forward(2 * x, hx)


def spoilt(value, *index):
    x = X.clone()
    x[index] = value
    return x


def zeros(*shapes):
    return tuple(torch.zeros(shape) for shape in shapes)


REFUSED = {
    "module": (nn.Linear(3, 5), X, None, TypeError, "nn.GRU or a CellModule, got Linear"),
    "lstm cell": (nn.LSTMCell(3, 5), X, None, TypeError, "got LSTMCell"),
    "own forward": (OwnForward(3, 5), X, None, TypeError, "got OwnForward with a forward of its own"),
    "dropout": (
        nn.LSTM(3, 5, 2, dropout=0.3).train(),
        X,
        None,
        ValueError,
        r"dropout=0.3 in training mode.*module.eval\(\)",
    ),
    "packed": (
        LSTM,
        pack_sequence([torch.zeros(3, 3), torch.zeros(2, 3)]),
        None,
        TypeError,
        "PackedSequence.*pad_packed_sequence",
    ),
    "list": (LSTM, [[1.0]], None, TypeError, "x to be a tensor, got list"),
    "integers": (
        LSTM,
        X.long(),
        None,
        ValueError,
        r"dtype torch.float32, got torch.int64.*x.to\(torch.float32\)",
    ),
    "double": (LSTM, X.double(), None, ValueError, "got torch.float64"),
    "device": (LSTM, X.to("meta"), None, ValueError, "device cpu, got meta"),
    "features": (LSTM, torch.zeros(7, 2, 4), None, ValueError, r"with D=3, got \(7, 2, 4\)"),
    "dimensions": (LSTM, torch.zeros(3), None, ValueError, r"\(T, B, D\) or \(T, D\) with D=3, got \(3,\)"),
    "batch first": (GRU, torch.zeros(2, 7, 4), None, ValueError, r"\(B, T, D\) or \(T, D\) with D=3"),
    "own unbatched": (OWN, torch.zeros(7, 3), None, ValueError, r"\(T, B, D\) with D=3, got \(7, 3\)"),
    "no steps": (LSTM, torch.zeros(0, 2, 3), None, ValueError, "at least one time step"),
    "no steps, batch first": (GRU, torch.zeros(2, 0, 3), None, ValueError, "at least one time step"),
    "no steps, unbatched": (LSTM, torch.zeros(0, 3), None, ValueError, "at least one time step"),
    "no sequences": (LSTM, torch.zeros(7, 0, 3), None, ValueError, "at least one sequence"),
    "no sequences, own": (OWN, torch.zeros(7, 0, 3), None, ValueError, "at least one sequence"),
    "nan": (LSTM, spoilt(float("nan"), 4, 1, 2), None, ValueError, r"in x, got nan at index \(4, 1, 2\)"),
    "infinity": (
        OWN,
        spoilt(-float("inf"), 0, 0, 0),
        None,
        ValueError,
        r"in x, got -inf at index \(0, 0, 0\)",
    ),
    "state type": (LSTM, X, 3.0, TypeError, "tensor or a tuple of tensors, got float"),
    "state count": (LSTM, X, torch.zeros(2, 2, 5), ValueError, r"2 tensor\(s\), h0, c0, got 1"),
    "state count, gru": (GRU, X, zeros((1, 7, 5), (1, 7, 5)), ValueError, r"1 tensor\(s\), h0, got 2"),
    "state shape": (
        LSTM,
        X,
        zeros((2, 2, 5), (1, 2, 5)),
        ValueError,
        r"c0 of shape \(2, 2, 5\), got \(1, 2, 5\)",
    ),
    "state unbatched": (LSTM, X[:, 0], zeros((2, 1, 5), (2, 1, 5)), ValueError, r"h0 of shape \(2, 5\)"),
    "state dtype": (GRU, X, torch.zeros(1, 7, 5).double(), ValueError, "h0 of the module's dtype"),
    "state entry": (LSTM, X, [torch.zeros(2, 2, 5), None], TypeError, "c0 to be a tensor, got NoneType"),
    "state nan": (
        OWN,
        X,
        (torch.zeros(2, 5), torch.full((2, 5), float("nan"))),
        ValueError,
        "in c0, got nan",
    ),
    "own state": (OWN, X, zeros((1, 2, 5), (1, 2, 5)), ValueError, r"h0 of shape \(2, 5\)"),
}


@pytest.mark.parametrize("look", [trace, lambda module, x, state: gradients(module, x, None, state)])
@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(case, look):
    module, x, state, error, message = case
    with pytest.raises(error, match=message) as raised:
        look(module, x, state)
    assert raised.type is error
    text = str(raised.value)
    assert "expected" in text
    assert "got" in text
    assert "\n" not in text


def test_a_subclass_without_a_forward_of_its_own_is_welcome():
    class Named(nn.LSTM):
        pass

    assert trace(Named(3, 5), X).output.shape == (7, 2, 5)


def test_a_single_state_may_come_as_a_tensor_or_a_tuple():
    module, h0 = CellModule("mingru", 3, 5), torch.ones(2, 5)
    assert torch.equal(trace(module, X, h0).output, trace(module, X, (h0,)).output)
    assert torch.equal(trace(module, X, (h0,)).layers[0].h0, h0)


def test_every_layout_becomes_one():
    x = torch.randn(7, 1, 3, generator=torch.Generator().manual_seed(0))
    time, batch = nn.GRU(3, 5), nn.GRU(3, 5, batch_first=True)
    batch.load_state_dict(time.state_dict())
    problems = [
        prepare(time, x),
        prepare(time, x[:, 0]),
        prepare(batch, x.transpose(0, 1)),
        prepare(batch, x[:, 0]),
    ]
    for problem in problems:
        assert torch.equal(problem.x, x)
        assert [layer.name for level in problem.levels for layer in level] == ["layer 0"]
        assert problem.levels[0][0].state[0].shape == (1, 5)
        assert problem.built_in
