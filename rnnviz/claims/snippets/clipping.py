"""Clip the gradient at norm 1, for an RNN whose gradient vanishes and for one whose gradient explodes."""

import torch
from torch import nn

H, T, threshold = 20, 100, 1.0
noise = torch.randn(500, generator=torch.Generator().manual_seed(10_000)).double().view(-1, 1, 1)
scales, before, after, early_before, early_after = [1.0, 3.0], [], [], [], []
for scale in scales:
    model = nn.RNN(1, H, device="meta").to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
        model.weight_hh_l0 *= scale
    first = noise[:1].clone().requires_grad_()  # the input at the first step, as something to be learned
    model.double()(torch.cat([first, noise[1:T]]))[0][-1].sum().backward()
    early_before.append(first.grad.norm().item())
    norm = nn.utils.clip_grad_norm_([*model.parameters(), first], threshold)
    before.append(norm.item())
    after.append(torch.cat([p.grad.flatten() for p in (*model.parameters(), first)]).norm().item())
    early_after.append(first.grad.norm().item())
    print(f"W_hh times {scale:g}: norm {before[-1]:.4g} -> {after[-1]:.7g}, ", end="")
    print(f"|dL/dx_0| {early_before[-1]:.3g} -> {early_after[-1]:.3g}")

# A gradient that has vanished altogether: nothing to cut, nothing gained.
small = torch.full((H,), 1e-12, dtype=torch.float64, requires_grad=True)
small.grad = small.detach().clone()
nn.utils.clip_grad_norm_([small], threshold)
gained = (small.grad - small).abs().max().item()
print(f"a gradient of norm {small.norm():.3g} changes by {gained:g}")

measured = {
    "threshold": threshold,
    "scales": scales,
    "before": before,
    "after": after,
    "early_before": early_before,
    "early_after": early_after,
    "small": small.norm().item(),
    "gained": gained,
}
