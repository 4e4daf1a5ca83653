"""The loss is on the last of T steps. What do the weights' gradient and the first input's gradient say?"""

import torch
from torch import nn


def fresh(kind, D, H, seed=0):
    """The model that torch.manual_seed(seed) and kind(D, H) give, but from a generator of its own."""
    model = kind(D, H, device="meta").to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
    return model.double()


noise = torch.randn(500, generator=torch.Generator().manual_seed(10_000)).double().view(-1, 1, 1)
lengths = [10, 50, 100]
weight, first = {}, {}
for name, kind in {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}.items():
    weight[name], first[name] = [], []
    for T in lengths:
        model, x = fresh(kind, 1, 20), noise[:T].clone().requires_grad_()
        output, _ = model(x)
        output[-1].sum().backward()
        weight[name].append(model.weight_ih_l0.grad.norm().item())
        first[name].append(x.grad[0].norm().item())
        print(f"{name:4} T = {T:3}: |dL/dW_ih| = {weight[name][-1]:.3g}, |dL/dx_0| = {first[name][-1]:.3g}")

measured = {"lengths": lengths, "weight": weight, "first": first}
