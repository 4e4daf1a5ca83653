"""out.retain_grad() on a fused nn.RNN, beside the gradient of every state by an unrolled loop."""

import torch
from torch import nn

H, T = 16, 30
model = nn.RNN(1, H, device="meta").to_empty(device="cpu")
generator = torch.Generator().manual_seed(0)
with torch.no_grad():
    for weight in model.parameters():
        weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
model = model.double()
x = torch.sin(2 * torch.pi * torch.arange(T, dtype=torch.float64) / 25).view(T, 1, 1)

# As it is often written: the output hangs below the recurrence, which never reads it.
out, _ = model(x)
out.retain_grad()
out[-1].sum().backward()
retained = out.grad[:, 0].norm(dim=1)

# The states themselves, one by one.
W_ih, W_hh, b_ih, b_hh = (weight.detach() for weight in model.parameters())
states = [torch.zeros(1, H, dtype=torch.float64, requires_grad=True)]
for x_t in x:
    states.append(torch.tanh(x_t @ W_ih.T + b_ih + states[-1] @ W_hh.T + b_hh))
true = torch.cat(torch.autograd.grad(states[-1].sum(), states[1:])).norm(dim=1)

same = (torch.cat(states[1:]) - out[:, 0]).abs().max().item()
zeros = int((retained == 0).sum())
print(f"largest difference of the outputs: {same:.1g}")
print(f"retained gradient: exactly 0 at {zeros} of {T} steps, {retained[-1]:.4g} at the last")
print(f"true gradient: {true[0]:.3g} at step 1, {true[-2]:.3g} at step {T - 1}, {true[-1]:.4g} at the last")

measured = {
    "steps": T,
    "retained": retained.tolist(),
    "true": true.tolist(),
    "zeros": zeros,
    "true_first": true[0].item(),
    "true_before": true[-2].item(),
    "last": true[-1].item(),
    "same": same,
}
