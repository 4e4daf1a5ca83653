"""The prices 10, 20, 30 as they are and divided by 30, through the same default RNN."""

import torch
from torch import nn

H = 16
rnn = nn.RNN(1, H, device="meta").to_empty(device="cpu")
generator = torch.Generator().manual_seed(0)
with torch.no_grad():
    for weight in rnn.parameters():
        weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
rnn = rnn.double()


def states(prices):
    """The hidden state after each price."""
    with torch.no_grad():
        return rnn(torch.tensor(prices, dtype=torch.float64).view(-1, 1, 1))[0][:, 0]


slope, moved, h = {}, {}, {}
for name, unit in {"raw": 1.0, "scaled": 30.0}.items():
    h[name] = states([10 / unit, 20 / unit, 30 / unit])
    slope[name] = (1 - h[name][2] ** 2).mean().item()
    other = states([10 / unit, 20 / unit, 40 / unit])  # another last price
    moved[name] = ((other[2] - h[name][2]).norm() / h[name][2].norm()).item()
    print(f"{name}: mean slope of tanh at the last price {slope[name]:.3f}; ", end="")
    print(f"with 40 in its place the state moves by {100 * moved[name]:.1f} %")

saturated = {name: (values[2].abs() > 0.9).double().mean().item() for name, values in h.items()}
print(f"units beyond 0.9 at the last price: {saturated}")

measured = {"slope": slope, "moved": moved, "saturated": saturated, "ratio": slope["scaled"] / slope["raw"]}
