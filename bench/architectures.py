"""What each architecture of the gallery learns of its small problem, and in how long.

    python bench/architectures.py [--quick] [--save]

Every kind with every cell at the default sizes, on one thread, seeds 0 to 2 (with --quick, the LSTM at seed 0). Seconds
are those of the processor for the whole training, so that a busy machine counts less; losses are on 256 sequences that
are not learned from, of the weights that did best on as many others. The rows named "large" have the largest sizes that
the page offers: 24 steps, 64 units, 4 layers.

"Plain" is one recurrent layer, N to N or N to 1, on the same problem and batches: what the shape is worth there.
"""

from __future__ import annotations

import time
from typing import Any

import torch
from common import median, options, report, save

from rnnviz.architectures import ARCHITECTURES, Shape, fit, problem_of
from rnnviz.architectures.config import FIELD
from rnnviz.architectures.epoch import kept
from rnnviz.architectures.fitting import Fit, settings_of
from rnnviz.architectures.model import LAYERS, fill
from rnnviz.architectures.single import NToN, NToOne

CELLS = ("lstm", "gru", "rnn")
PLAIN: dict[str, type[NToN | NToOne]] = {
    "bidirectional": NToN,
    "stacked": NToN,
    "residual": NToN,
    "layernorm": NToOne,
    "attention": NToOne,
}
LARGE = {"length": 24, "hidden": 64, "layers": 4}


class Plain(Fit):
    """One layer that learns the problem of another architecture."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        problem = problem_of(shape)
        self.model = PLAIN[shape.kind](LAYERS[shape.cell], problem.D, shape.hidden, problem.O)
        fill(self.model, torch.Generator().manual_seed(shape.seed))
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=settings_of(shape)[1])


def trained(shape: Shape) -> dict[str, Any]:
    """Seconds of the processor, the first epoch's losses and the best epoch's."""
    began = time.process_time()
    epochs = [epoch.to_row() for epoch in fit(shape)]
    seconds = time.process_time() - began
    best = kept(epochs)
    plain = kept([one.to_row() for one in Plain(shape)])["test_loss"] if shape.kind in PLAIN else None
    return {"seconds": seconds, "before": epochs[0]["test_loss"], "best": best, "plain": plain}


def line(kind: str, cell: str, found: list[dict[str, Any]], shape: Shape, large: bool) -> list[str]:
    losses = [one["best"]["test_loss"] for one in found]
    best = found[losses.index(median(losses)) if len(losses) % 2 else 0]["best"]
    held = problem_of(shape).yardsticks
    more = [f"{name} {value:.4f}" for name, value in best["parts"].items()]
    if best["accuracy"] is not None:
        more.append(f"{best['accuracy']:.1%} right")
    more += [f"{one.label}: {one.value:.4f}" for one in held[1:]]
    return [
        FIELD["kind"].label_of(kind) + (", large" if large else ""),
        cell,
        f"{median([one['seconds'] for one in found]):.2f} s",
        f"{held[0].value:.4f}",
        f"{median([one['before'] for one in found]):.4f}",
        f"{median(losses):.5f}" + (f" (worst {max(losses):.5f})" if len(losses) > 1 else ""),
        "" if found[0]["plain"] is None else f"{median([one['plain'] for one in found]):.5f}",
        "; ".join(more),
    ]


def main() -> None:
    chosen = options(__doc__)
    torch.set_num_threads(1)
    rows, raw = [], []
    for kind, _ in ARCHITECTURES:
        for cell in CELLS[:1] if chosen.quick else CELLS:
            shapes = [Shape(kind, cell=cell, seed=seed) for seed in range(1 if chosen.quick else 3)]
            found = [trained(shape) for shape in shapes]
            rows.append(line(kind, cell, found, shapes[0], False))
            raw.append({"kind": kind, "cell": cell, "found": found})
        if not chosen.quick:
            large = Shape(kind, **LARGE)
            found = [trained(large)]
            rows.append(line(kind, "lstm", found, large, True))
            raw.append({"kind": kind, "cell": "lstm", "large": True, "found": found})
    report(
        "architectures",
        "What each architecture learns",
        ["architecture", "cell", "processor", "input not read", "before", "after", "plain", "and"],
        rows,
    )
    save("architectures", raw, chosen.save)


if __name__ == "__main__":
    main()
