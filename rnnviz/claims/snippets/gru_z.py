"""What z = 1 does in nn.GRU, and how its weights turn into those of the tutorials' formula."""

import torch
from torch import nn

D, H, T = 3, 8, 40
gru = nn.GRU(D, H, device="meta").to_empty(device="cpu")
generator = torch.Generator().manual_seed(0)
with torch.no_grad():
    for weight in gru.parameters():
        weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
gru = gru.double()
x = torch.randn(T, 1, D, generator=generator, dtype=torch.float64)
h0 = torch.rand(1, 1, H, generator=generator, dtype=torch.float64)


def run(W_ih, W_hh, b_ih, b_hh, keep):
    """The GRU with PyTorch's reset, written out; keep(z) is the share of the old state that stays."""
    h, states = h0[0], []
    for x_t in x:
        x_r, x_z, x_n = (x_t @ W_ih.T + b_ih).chunk(3, dim=1)
        h_r, h_z, h_n = (h @ W_hh.T + b_hh).chunk(3, dim=1)
        z, n = (x_z + h_z).sigmoid(), (x_n + (x_r + h_r).sigmoid() * h_n).tanh()
        h = keep(z) * h + (1 - keep(z)) * n
        states.append(h)
    return torch.stack(states)


with torch.no_grad():
    weights = [weight.clone() for weight in gru.parameters()]
    expected = gru(x, h0)[0]
    as_written = (run(*weights, keep=lambda z: 1 - z) - expected).abs().max().item()
    negated = [w.clone() for w in weights]
    for w in negated:
        w[H : 2 * H] *= -1  # the gates are stacked r, z, n, and sigmoid(-a) = 1 - sigmoid(a)
    converted = (run(*negated, keep=lambda z: 1 - z) - expected).abs().max().item()
    gru.bias_ih_l0[H : 2 * H] = 40.0  # z = 1
    kept = (gru(x, h0)[0][-1] - h0[0]).abs().max().item()

print(f"nn.GRU with z = 1 for {T} steps: the state has moved by {kept:.1g}")
print(f"h = (1 - z) h + z n with PyTorch's weights: off by {as_written:.3g}")
print(f"the same with the weights of z negated: off by {converted:.1g}")

measured = {"steps": T, "kept": kept, "as_written": as_written, "converted": converted}
