"""How many parameters RNN, GRU and LSTM have."""

from torch import nn

sizes = [(1, 16), (10, 64), (128, 256)]
counts = {}
for name, kind in {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}.items():
    counts[name] = [sum(p.numel() for p in kind(D, H, device="meta").parameters()) for D, H in sizes]
    print(f"{name:4}", counts[name])

ratios = [gru / lstm for gru, lstm in zip(counts["gru"], counts["lstm"], strict=True)]
print("GRU / LSTM:", ratios)

measured = {"sizes": [f"D = {D}, H = {H}" for D, H in sizes], "counts": counts, "ratios": ratios}
