"""An LSTM that counts: every gate open, the candidate near 1. How far do h and c go in 100 steps?"""

import torch
from torch import nn

T = 100
lstm = nn.LSTM(1, 1, device="meta").to_empty(device="cpu").double()
h, c = [], []
with torch.no_grad():
    for weight in lstm.parameters():
        weight.zero_()
    lstm.bias_ih_l0.fill_(10.0)  # i, f, o = sigmoid(10) and g = tanh(10)
    state = None
    for _ in range(T):
        _, state = lstm(torch.zeros(1, 1, 1, dtype=torch.float64), state)
        h.append(state[0].item())
        c.append(state[1].item())

print(f"largest |h| {max(map(abs, h)):.6f}, c after {T} steps {c[-1]:.4f}")

measured = {"steps": T, "h": h, "c": c, "most": max(map(abs, h)), "end": c[-1]}
