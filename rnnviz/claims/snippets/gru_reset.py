"""The reset before or after the recurrent product: two GRUs with the same weights, and with one unit."""

import torch
from torch import nn

D, T = 3, 40


def apart(H):
    """The largest difference between nn.GRU and the GRU with the reset before the product, without b_hn."""
    gru = nn.GRU(D, H, device="meta").to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in gru.parameters():
            weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
        gru.bias_hh_l0[2 * H :] = 0  # b_hn stands inside the reset here and outside of it there
        gru = gru.double()
        W_ih, W_hh, b_ih, b_hh = gru.parameters()
        x = torch.randn(T, 1, D, generator=generator, dtype=torch.float64)
        h, states = torch.zeros(1, H, dtype=torch.float64), []
        for x_t in x:
            x_r, x_z, x_n = (x_t @ W_ih.T + b_ih).chunk(3, dim=1)
            h_r, h_z, _ = (h @ W_hh.T + b_hh).chunk(3, dim=1)
            r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
            n = (x_n + (r * h) @ W_hh[2 * H :].T).tanh()  # nn.GRU has r * (h @ W_hn.T)
            h = (1 - z) * n + z * h
            states.append(h)
        return (torch.stack(states) - gru(x)[0]).abs().max().item()


sizes = [1, 2, 8, 32]
differences = [apart(H) for H in sizes]
for H, difference in zip(sizes, differences, strict=True):
    print(f"H = {H:2}: the states differ by up to {difference:.3g}")

measured = {"sizes": sizes, "differences": differences, "single": differences[0], "eight": differences[2]}
