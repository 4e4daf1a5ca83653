"""A default nn.RNN: how much can each step stretch a gradient, and what do 100 steps together do?"""

import torch
from torch import nn

H, T = 64, 100
model = nn.RNN(1, H, device="meta").to_empty(device="cpu")
generator = torch.Generator().manual_seed(0)
with torch.no_grad():
    for weight in model.parameters():
        weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
model = model.double()
x = torch.zeros(T, 1, 1, dtype=torch.float64)
x[T // 10] = 1  # an impulse

with torch.no_grad():
    W, h = model.weight_hh_l0, model(x)[0][:, 0]
    J = (1 - h**2).unsqueeze(2) * W  # dh_t/dh_{t-1} = diag(1 - h_t^2) W
    step = torch.linalg.matrix_norm(J, 2)
    product, products = torch.eye(H, dtype=torch.float64), []
    for J_t in reversed(J):
        product = product @ J_t  # dh_T/dh_k = J_T ... J_{k+1}
        products.append(product)
    whole = torch.linalg.matrix_norm(torch.stack(products), 2)
    radius = torch.linalg.eigvals(W).abs().max().item()

sigma = torch.linalg.matrix_norm(W, 2).item()
print(f"W_hh: largest singular value {sigma:.4f}, largest eigenvalue {radius:.4f}")
print(f"norm of one step's Jacobian: from {step.min():.4f} to {step.max():.4f}")
print(f"norm of all {T} together: {whole[-1]:.3g}")

measured = {
    "sigma": sigma,
    "radius": radius,
    "step": step.tolist(),
    "least": step.min().item(),
    "most": step.max().item(),
    "whole": whole.tolist(),
    "product": whole[-1].item(),
}
