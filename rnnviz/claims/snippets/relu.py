"""tanh or ReLU with the same default weights: what is left of the gradient after 100 steps?"""

import torch
from torch import nn

H, T = 20, 100
noise = torch.randn(500, generator=torch.Generator().manual_seed(10_000)).double().view(-1, 1, 1)
curves, on = {}, 0.0
for nonlinearity in ("tanh", "relu"):
    model = nn.RNN(1, H, nonlinearity=nonlinearity, device="meta").to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
    x = noise[:T].clone().requires_grad_()
    output, _ = model.double()(x)
    output[-1].sum().backward()
    curves[nonlinearity] = x.grad[:, 0].norm(dim=1).tolist()
    print(f"{nonlinearity}: |dL/dx_0| = {curves[nonlinearity][0]:.3g}")

on = (output > 0).double().mean().item()
radius = torch.linalg.eigvals(model.weight_hh_l0.detach()).abs().max().item()
print(f"{100 * on:.0f} % of the ReLU's units are on; largest eigenvalue of W_hh {radius:.3f}")

measured = {
    **curves,
    "tanh_first": curves["tanh"][0],
    "relu_first": curves["relu"][0],
    "on": on,
    "radius": radius,
}
