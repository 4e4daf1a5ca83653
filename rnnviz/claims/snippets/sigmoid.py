"""h_t = sigmoid(w h_{t-1} - w/2) rests at h = 1/2, where the sigmoid is steepest. What does a step do there?"""

import torch

grid = torch.linspace(-10, 10, 20_001, dtype=torch.float64, requires_grad=True)
(slope,) = torch.autograd.grad(torch.sigmoid(grid).sum(), grid)
steepest = slope.max().item()
print(f"largest slope of the sigmoid: {steepest}")

weights, factors, curves = [1.0, 4.0, 8.0], [], []
for w in weights:
    states = [torch.tensor(0.5, dtype=torch.float64, requires_grad=True)]
    for _ in range(50):
        states.append(torch.sigmoid(w * states[-1] - w / 2))
    back = [g.item() for g in torch.autograd.grad(states[-1], states[::-1])]
    factors.append(back[1])
    curves.append(back)
    print(f"w = {w}: factor per step {back[1]:.4g}, after 50 steps {back[50]:.4g}")

measured = {
    "steepest": steepest,
    "weights": weights,
    "factors": factors,
    "curves": curves,
    "at50": [curve[50] for curve in curves],
}
