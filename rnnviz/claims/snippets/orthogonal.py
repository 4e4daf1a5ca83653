"""An orthogonal W_hh, with and without tanh: the norm of dL/dh_k on its way back through 100 steps."""

import torch

H, T = 20, 100
generator = torch.Generator().manual_seed(0)
W, _ = torch.linalg.qr(torch.randn(H, H, generator=generator, dtype=torch.float64))
u = torch.randn(H, generator=generator, dtype=torch.float64)  # the input's weights
noise = torch.randn(T, generator=generator, dtype=torch.float64)


def norms(activation):
    """|dL/dh_k| for k = T, ..., 0, where L is the sum of h_T divided by sqrt(H), so that the first is 1."""
    states = [torch.zeros(H, dtype=torch.float64, requires_grad=True)]
    for x in noise:
        states.append(activation(W @ states[-1] + u * x))
    back = torch.autograd.grad(states[-1].sum() / H**0.5, states[::-1])
    return [g.norm().item() for g in back]


linear, tanh = norms(lambda a: a), norms(torch.tanh)
print(f"linear: |dL/dh_0| = {linear[T]:.12f}")
print(f"tanh:   |dL/dh_0| = {tanh[T]:.3g}")

measured = {"linear": linear, "tanh": tanh, "linear_end": linear[T], "tanh_end": tanh[T]}
