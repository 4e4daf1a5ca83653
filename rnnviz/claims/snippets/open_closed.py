"""The gates of a default LSTM that reads noise: are they open or closed?"""

import torch
from torch import nn

from rnnviz import trace

H, T = 20, 100
lstm = nn.LSTM(1, H, device="meta").to_empty(device="cpu")
generator = torch.Generator().manual_seed(0)
with torch.no_grad():
    for weight in lstm.parameters():
        weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
x = torch.randn(500, generator=torch.Generator().manual_seed(10_000))[:T].view(T, 1, 1)

gates = trace(lstm, x).layers[0].gates
values = torch.cat([gates[name].flatten() for name in "ifo"])
decided = ((values < 0.1) | (values > 0.9)).double().mean().item()
edges = torch.linspace(0, 1, 21)
counts = torch.histc(values, bins=20, min=0, max=1)
print(f"i, f and o lie from {values.min():.3f} to {values.max():.3f}, {values.median():.3f} in the middle")
print(f"below 0.1 or above 0.9: {100 * decided:.2f} %")

measured = {
    "least": values.min().item(),
    "most": values.max().item(),
    "median": values.median().item(),
    "decided": decided,
    "centres": ((edges[1:] + edges[:-1]) / 2).tolist(),
    "share": (counts / len(values)).tolist(),
}
