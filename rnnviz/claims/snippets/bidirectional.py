"""output[-1] of a bidirectional LSTM: how much of the sequence has each half of it read?"""

import torch
from torch import nn

H, T = 16, 30
lstm = nn.LSTM(1, H, bidirectional=True, device="meta").to_empty(device="cpu")
generator = torch.Generator().manual_seed(0)
with torch.no_grad():
    for weight in lstm.parameters():
        weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
lstm = lstm.double()
x = torch.randn(T, 1, 1, generator=generator, dtype=torch.float64, requires_grad=True)

output, (h_n, _) = lstm(x)
halves = {"forward": output[-1, :, :H], "backward": output[-1, :, H:]}
norms = {}
for name, half in halves.items():
    (gradient,) = torch.autograd.grad(half.sum(), x, retain_graph=True)
    norms[name] = gradient[:, 0].norm(dim=1).tolist()
read = {name: sum(norm > 0 for norm in values) for name, values in norms.items()}
apart = (halves["backward"] - h_n[1]).abs().max().item()
same = (halves["forward"] - h_n[0]).abs().max().item()
print(f"of {T} inputs, the forward half of output[-1] depends on {read['forward']}, ", end="")
print(f"the backward half on {read['backward']}")
print(f"difference to h_n: forward {same:g}, backward {apart:.3g}")

measured = {"steps": T, **norms, "read": read, "apart": apart, "same": same}
