"""A chain of tanh: h_k = tanh(W h_{k-1}) with W = 0.5 and h_0 = 1. How large is dh_k/dW?"""

import torch

W = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
h = torch.tensor(1.0, dtype=torch.float64)
size = []
for _ in range(50):
    h = torch.tanh(W * h)
    size.append(torch.autograd.grad(h, W, retain_graph=True)[0].item())

print(f"dh/dW after 10 steps: {size[9]:.4g}, after 50 steps: {size[49]:.4g}")
print(f"W**10 = {0.5**10:.4g}, W**50 = {0.5**50:.4g}")

measured = {"size": size, "at10": size[9], "at50": size[49], "power10": 0.5**10, "power50": 0.5**50}
