"""dc_t/dc_{t-1} of a default LSTM: the forget gate, and what runs through h_{t-1} besides."""

import torch
from torch import nn

H, T = 20, 50
lstm = nn.LSTM(1, H, device="meta").to_empty(device="cpu")
generator = torch.Generator().manual_seed(0)
with torch.no_grad():
    for weight in lstm.parameters():
        weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
W_ih, W_hh, b_ih, b_hh = (weight.detach().double() for weight in lstm.parameters())
x = torch.randn(500, generator=torch.Generator().manual_seed(10_000)).double()[:T].view(T, 1)


def gates(x_t, h):
    """The gates i, f, g, o."""
    i, f, g, o = (x_t @ W_ih.T + b_ih + h @ W_hh.T + b_hh).split(H, dim=-1)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


def memory(c, h, x_t):
    """c_t by c_{t-1} and h_{t-1}."""
    i, f, g, _ = gates(x_t, h)
    return f * c + i * g


def memory_through_all(c, o, x_t):
    """c_t by c_{t-1} alone: h_{t-1} = o_{t-1} tanh(c_{t-1}) follows it."""
    return memory(c, o * c.tanh(), x_t)


def jacobians(function, c, *rest):
    """d function_i / d c_j of every step at [t, i, j]: one copy of c for each row i."""
    copies = c.unsqueeze(1).repeat(1, H, 1).requires_grad_()
    result = function(copies, *(value.unsqueeze(1) for value in rest))
    return torch.autograd.grad(result.diagonal(dim1=1, dim2=2).sum(), copies)[0]


c = h = torch.zeros(H, dtype=torch.float64)
rows = []
for x_t in x:
    i, f, g, o = gates(x_t, h)
    c = f * c + i * g
    h = o * c.tanh()
    rows.append((f, o, c, h))
f, o, c, h = (torch.stack(row) for row in zip(*rows, strict=True))

direct = jacobians(memory, c[:-1], h[:-1], x[1:])  # h_{t-1} held fixed
total = jacobians(memory_through_all, c[:-1], o[:-1], x[1:])
error = (direct - torch.diag_embed(f[1:])).abs().max().item()
norm_direct = torch.linalg.matrix_norm(direct, 2).mean().item()
norm_rest = torch.linalg.matrix_norm(total - direct, 2).mean().item()

# Over several steps: the product of the direct parts, and the derivative of the run itself. The latter is no product
# of steps from c to c, as h_{t-1} also carries o_{t-1}, which follows still earlier memories.
memories = [torch.zeros(H, H, dtype=torch.float64, requires_grad=True)]  # a copy for each row, as above
state = memories[0]
for x_t in x:
    i, f_t, g, o_t = gates(x_t, state)
    memories.append(f_t * memories[-1] + i * g)
    state = o_t * memories[-1].tanh()
whole = torch.autograd.grad(memories[-1].diagonal().sum(), memories[:0:-1])  # back to c_1
chains = {
    "direct": [f[k:].prod(0).max().item() for k in range(T, 0, -1)],
    "total": [torch.linalg.matrix_norm(row, 2).item() for row in whole],
}

print(f"direct part against diag(f): largest difference {error:.1g}")
print(f"mean norm of a step: direct {norm_direct:.3f}, the rest {norm_rest:.3f}")
print(f"over {T - 1} steps: direct {chains['direct'][-1]:.3g}, in all {chains['total'][-1]:.3g}")

measured = {
    "error": error,
    "norm_direct": norm_direct,
    "norm_rest": norm_rest,
    "steps": T - 1,
    **chains,
    "direct_end": chains["direct"][-1],
    "total_end": chains["total"][-1],
}
