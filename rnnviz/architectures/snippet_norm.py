"""A layer-norm cell as a class of plain PyTorch, its equations quoted from the package."""

from __future__ import annotations

from rnnviz.registry import cell_named

_EQUATIONS = {
    "lstm": """\
            a = norm(x_t @ self.weight_ih.T, self.gain_ih, self.bias_ih)
            a = a + norm(h @ self.weight_hh.T, self.gain_hh, self.bias_hh)
            i, f, g, o = a.chunk(4, -1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * norm(c, self.gain_c, self.bias_c).tanh()
            states.append(h)
        return torch.stack(states), (h, c)""",
    "gru": """\
            rows = slice(2 * self.H)  # r and z together, the candidate by itself
            r, z = (self.product(x_t, "ih", rows) + self.product(h, "hh", rows)).sigmoid().chunk(2, -1)
            rows = slice(2 * self.H, None)
            n = (self.product(x_t, "ih", rows) + r * self.product(h, "hh", rows)).tanh()
            h = z * h + (1 - z) * n
            states.append(h)
        return torch.stack(states), (h,)""",
    "rnn": """\
            a = x_t @ self.weight_ih.T + h @ self.weight_hh.T
            h = norm(a, self.gain_a, self.bias_ih + self.bias_hh).tanh()
            states.append(h)
        return torch.stack(states), (h,)""",
}
_GAINS = {
    "lstm": (("gain_ih", "4 * H"), ("gain_hh", "4 * H"), ("gain_c", "H"), ("bias_c", "H")),
    "gru": (("gain_ih", "3 * H"), ("gain_hh", "3 * H")),
    "rnn": (("gain_a", "H"),),
}


def normed(cell: str) -> str:
    """The class ``Normed``: what ``nn.LSTM(D, H)`` is to the LSTM, with layer norm, and the same first weights."""
    label = cell_named(cell).label
    wide = {"lstm": "4 * H", "gru": "3 * H"}.get(cell, "H")
    lines = [
        "def norm(a, gain, bias):",
        "    return nn.functional.layer_norm(a, a.shape[-1:], gain, bias)",
        "",
        "",
        f"class Normed(nn.Module):  # the {label} with layer norm (Ba et al. 2016)",
        "    def __init__(self, D, H):",
        "        super().__init__()",
        "",
        "        def drawn(*shape):",
        "            return nn.Parameter(torch.empty(*shape).uniform_(-1 / H**0.5, 1 / H**0.5))",
        "",
        "        self.H = H",
        f"        self.weight_ih, self.weight_hh = drawn({wide}, D), drawn({wide}, H)",
        f"        self.bias_ih, self.bias_hh = drawn({wide}), drawn({wide})",
    ]
    for name, size in _GAINS[cell]:
        start = "ones" if name.startswith("gain") else "zeros"
        lines.append(f"        self.{name} = nn.Parameter(torch.{start}({size}))")
    if cell == "gru":
        lines += [
            "",
            "    def product(self, v, side, rows):",
            '        W, gain, bias = (getattr(self, f"{name}_{side}")[rows] for name in ("weight", "gain", "bias"))',
            "        return norm(v @ W.T, gain, bias)",
        ]
    lines += [
        "",
        "    def forward(self, x):",
        f"        {'h = c' if cell == 'lstm' else 'h'} = x.new_zeros(x.shape[1], self.H)",
        "        states = []",
        "        for x_t in x:",
        _EQUATIONS[cell],
    ]
    return "\n".join(lines)
