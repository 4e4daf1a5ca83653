"""Every network of the gallery by hand: PyTorch's single-step cells in a loop, and every state of it in a list."""

import torch
from torch import nn

from rnnviz.architectures.sizes import said, shorts

CELLS = {nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell, nn.RNN: nn.RNNCell}


def cell_of(layer, suffix="_l0"):
    """PyTorch's own step with the weights of a layer."""
    one = CELLS[type(layer)](getattr(layer, f"weight_ih{suffix}").shape[1], layer.hidden_size).double()
    for name, parameter in one.named_parameters():
        parameter.data = getattr(layer, name + suffix).data
    return one


def run(layer, xs, state=None, suffix="_l0", reverse=False):
    """All h in input time, and the last state, of a loop over a list of inputs."""
    cell, found = cell_of(layer, suffix), []
    for x in reversed(xs) if reverse else xs:
        state = cell(x, state)
        found.append(state[0] if isinstance(state, tuple) else state)
    return (found[::-1] if reverse else found), state


def by_hand(shape, model, x):
    """The answer, and the lists of states by clock."""
    xs = list(x)
    match shape.kind:
        case "n_to_n":
            h, _ = run(model.rnn, xs)
            return torch.stack([model.head(one) for one in h]), [h]
        case "n_to_1":
            h, _ = run(model.rnn, xs)
            return model.head(h[-1]), [h]
        case "one_to_n":
            h, _ = run(model.rnn, xs + [torch.zeros_like(xs[0])] * (shape.length - 1))
            return torch.stack([model.head(one) for one in h]), [h]
        case "one_to_n_each":
            h, _ = run(model.rnn, xs * shape.length)
            return torch.stack([model.head(one) for one in h]), [h]
        case "attention":
            h, _ = run(model.rnn, xs)
            scores = torch.cat([one @ model.score.weight.T for one in h], 1)  # (B, N)
            weights = scores.exp() / scores.exp().sum(1, keepdim=True)
            context = sum(weights[:, t : t + 1] * h[t] for t in range(len(h)))
            return model.head(context), [h]
        case "bidirectional":
            f, _ = run(model.rnn, xs)
            b, _ = run(model.rnn, xs, suffix="_l0_reverse", reverse=True)
            both = [torch.cat(pair, 1) for pair in zip(f, b, strict=True)]
            return torch.stack([model.head(one) for one in both]), [f, b]
        case "stacked":
            lists = []
            for level in range(shape.layers):
                xs, _ = run(model.rnn, xs, suffix=f"_l{level}")
                lists.append(xs)
            return torch.stack([model.head(one) for one in xs]), lists
        case "residual":
            lists, xs = [], [model.embed(one) for one in xs]
            for layer in model.layers:
                f, _ = run(layer, xs)
                lists.append(f)
                xs = [one + more for one, more in zip(xs, f, strict=True)]
            return torch.stack([model.head(one) for one in xs]), lists
        case "hierarchical":
            lower, ends = [], []
            for n in shorts(shape.length):
                h, _ = run(model.lower, xs[:n])
                xs, lower = xs[n:], lower + h
                ends.append(h[-1])
            upper, _ = run(model.upper, ends)
            return torch.stack([model.head(one) for one in upper]), [lower, upper]
        case "n_to_m":
            h, state = run(model.encoder, xs)
            word, s, answers = xs[-1], [], []
            for _ in range(said(shape)):
                new, state = run(model.decoder, [word], state)
                s += new
                word = model.head(new[0])
                answers.append(word)
            return torch.stack(answers), [h, s]
        case "contexts":
            found, lists = [], []
            for part in (model.last, model.learned, model.all):
                h, _ = run(part.encoder, xs)
                c = h[-1] if part.kind == "last" else None
                if c is None:
                    linear = part.g[0]
                    c = torch.tanh(linear(torch.cat(h, 1) if part.kind == "all" else h[-1]))
                word, state, s, answers = torch.zeros_like(xs[0]), None, [], []
                for _ in range(said(shape)):
                    new, state = run(part.decoder, [torch.cat([word, c], 1)], state)
                    s += new
                    word = part.head(new[0])
                    answers.append(word)
                found.append(torch.stack(answers))
                lists += [h, s]
            return torch.stack(found), lists
    raise AssertionError(shape.kind)
