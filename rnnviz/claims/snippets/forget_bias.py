"""Write 1 into the forget block of every bias of an nn.LSTM: what is the forget gate then?"""

import torch
from torch import nn

H = 8


def forget(names):
    """The forget gate at zero input and zero h, with the bias 1 written into the tensors of those names."""
    lstm = nn.LSTM(1, H, device="meta").to_empty(device="cpu").double()
    with torch.no_grad():
        for name, weight in lstm.named_parameters():
            weight.zero_()
            if name in names:
                weight[H : 2 * H] = 1.0  # the gates are stacked i, f, g, o
        # c_1 = f c_0 + i g: the candidate g is 0 here, so what is left of c_0 = 1 is f.
        zeros, ones = (torch.full((1, 1, H), float(k), dtype=torch.float64) for k in (0, 1))
        _, (_, c) = lstm(torch.zeros(1, 1, 1, dtype=torch.float64), (zeros, ones))
    return c.mean().item()


both, one = forget(("bias_ih_l0", "bias_hh_l0")), forget(("bias_ih_l0",))
wanted = torch.sigmoid(torch.tensor(1.0, dtype=torch.float64)).item()
bias = torch.logit(torch.tensor(both, dtype=torch.float64)).item()
print(f"written into both: f = {both:.4f}; into one: f = {one:.4f}; sigmoid(1) = {wanted:.4f}")

measured = {"both": both, "one": one, "wanted": wanted, "bias": bias}
