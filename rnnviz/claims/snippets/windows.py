"""Windows of 30 days over a real price series: range(len(data) - seq_length - 1), and without the - 1."""

from rnnviz.signals import prices

dates, data = prices()
seq_length = 30


def targets(count):
    """The index of each window's target, the day after the window."""
    return [start + seq_length for start in range(count)]


short = targets(len(data) - seq_length - 1)
full = targets(len(data) - seq_length)
print(f"{len(data)} prices: {len(short)} windows with the - 1, {len(full)} without")
print(f"the newest target: {dates[short[-1]]} with the - 1, {dates[full[-1]]} without")

measured = {
    "rows": len(data),
    "length": seq_length,
    "short": len(short),
    "full": len(full),
    "dropped": len(full) - len(short),
    "newest_short": dates[short[-1]],
    "newest": dates[full[-1]],
}
