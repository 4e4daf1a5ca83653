"""What of the loss at step 100 reaches the first input: RNN and LSTM as PyTorch starts them, and by forget bias."""

import torch
from torch import nn

H, T = 20, 100


def fresh(kind, seed=0):
    """The model that torch.manual_seed(seed) and kind(1, H) give, but from a generator of its own."""
    model = kind(1, H, device="meta").to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
    return model.double()


def first(model):
    """|dL/dx_0|, where L is the sum of the last output."""
    noise = torch.randn(500, generator=torch.Generator().manual_seed(10_000)).double()
    x = noise[:T].view(T, 1, 1).requires_grad_()
    model(x)[0][-1].sum().backward()
    return x.grad[0].norm().item()


rnn, lstm = first(fresh(nn.RNN)), first(fresh(nn.LSTM))
print(f"RNN {rnn:.3g}, LSTM {lstm:.3g}, both as PyTorch starts them")
biases, by_bias = [0, 1, 2, 3, 4, 5], []
for bias in biases:
    model = fresh(nn.LSTM)
    with torch.no_grad():
        model.bias_ih_l0[H : 2 * H] = bias  # the gates are stacked i, f, g, o
        model.bias_hh_l0[H : 2 * H] = 0
    by_bias.append(first(model))
    print(f"LSTM, forget bias {bias}: {by_bias[-1]:.3g}")

measured = {"rnn": rnn, "lstm": lstm, "biases": biases, "by_bias": by_bias}
