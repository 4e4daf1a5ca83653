"""The prices 10, 20, 30 through an RNN of two units: step by step in plain Python, and by PyTorch."""

import math

import torch
from torch import nn

prices = [10.0, 20.0, 30.0]
W_ih = [0.02, -0.01]
W_hh = [[0.5, 0.1], [-0.2, 0.3]]
b = [0.1, 0.0]

hand, h = [], [0.0, 0.0]
for x in prices:
    h = [math.tanh(W_ih[i] * x + sum(W_hh[i][j] * h[j] for j in range(2)) + b[i]) for i in range(2)]
    hand.append(h)

rnn = nn.RNN(1, 2, device="meta").to_empty(device="cpu")
with torch.no_grad():
    rnn.weight_ih_l0.copy_(torch.tensor(W_ih).view(2, 1))
    rnn.weight_hh_l0.copy_(torch.tensor(W_hh))
    rnn.bias_ih_l0.copy_(torch.tensor(b))
    rnn.bias_hh_l0.zero_()
    output = rnn(torch.tensor(prices).view(3, 1, 1))[0][:, 0].tolist()

apart = max(
    abs(p - q) for mine, its in zip(hand, output, strict=True) for p, q in zip(mine, its, strict=True)
)
for x, mine, its in zip(prices, hand, output, strict=True):
    print(f"x = {x:g}: by hand {mine[0]:.6f} {mine[1]:.6f}, PyTorch {its[0]:.6f} {its[1]:.6f}")
print(f"largest difference {apart:.1g}")

measured = {"prices": prices, "hand": hand, "torch": output, "apart": apart}
