"""A linear RNN of one unit, h_t = w h_{t-1}: is dh_T/dh_0 = w^T?"""

import torch


def back(w, T, dtype):
    """dh_T/dh_k for k = T, T-1, ..., 0, by autograd."""
    states = [torch.tensor(1.0, dtype=dtype, requires_grad=True)]
    for _ in range(T):
        states.append(w * states[-1])
    return [g.item() for g in torch.autograd.grad(states[-1], states[::-1])]


weights = [0.9, 1.0, 1.1]
curves = [back(w, 100, torch.float64) for w in weights]
powers = [w**100 for w in weights]
error = max(abs(curve[100] / power - 1) for curve, power in zip(curves, powers, strict=True))
single = [back(w, 1000, torch.float32)[1000] for w in weights]

for w, curve, power, end in zip(weights, curves, powers, single, strict=True):
    print(f"w = {w}: dh_100/dh_0 = {curve[100]:.6g}, w**100 = {power:.6g}; 1000 steps in float32: {end}")

measured = {
    "weights": weights,
    "curves": curves,
    "at100": [curve[100] for curve in curves],
    "powers": powers,
    "error": error,
    "single": single,
    "true": 0.9**1000,
}
