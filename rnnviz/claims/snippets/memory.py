"""A memory that is only kept: c_t = f c_{t-1} with f = sigmoid(b). What is left after 100 steps?"""

import math

import torch

biases, gates, curves = [0, 1, 2, 3, 5], [], []
for b in biases:
    f = torch.sigmoid(torch.tensor(float(b), dtype=torch.float64))
    c = [torch.tensor(1.0, dtype=torch.float64, requires_grad=True)]
    for _ in range(100):
        c.append(f * c[-1])
    curves.append([g.item() for g in torch.autograd.grad(c[-1], c[::-1])])
    gates.append(f.item())
    print(f"forget bias {b}: f = {f:.4f}, dc_100/dc_0 = {curves[-1][100]:.3g}")

half = [math.log(0.5) / math.log(f) for f in gates]
print("steps after which half is left:", [round(steps, 1) for steps in half])

measured = {
    "biases": biases,
    "gates": gates,
    "curves": curves,
    "left": [curve[100] for curve in curves],
    "half": half,
}
