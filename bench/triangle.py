"""What the triangle of ||dh_t/dh_k|| costs, beside plain loops over products of the same Jacobians.

    python bench/triangle.py [--quick] [--save]

Each time is the median of repetitions that take turns, so that a busy machine slows all sides alike. float32,
one sequence of noise, PyTorch's default weights. "triangle" is the whole of ``rnnviz.gradient_triangle``: run,
Jacobians, products, norms. The peer is given the Jacobians and multiplies them pair by pair,
``P = J[t] @ P`` for every k and every t > k, with ``torch.linalg.matrix_norm`` of each product: what one would
write down first. A pass of reverse mode for every pair, or for every row of every pair, costs far more.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from common import median, options, report, save
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rnnviz.jacobians import jacobians
from rnnviz.registry import CELLS
from rnnviz.triangle import gradient_triangle, stride_for
from rnnviz.ui.lab.triangle import MOST, WAIT

T, H = 100, 32
LARGE = (500, 128)
NORMS = ("frobenius", "spectral")
GOALS = {"frobenius": {"rnn": 50, "gru": 50, "lstm": 50}, "spectral": {"rnn": 300, "gru": 300, "lstm": 1000}}


def made(cell: str, T: int, H: int) -> tuple[nn.Module, Tensor]:
    """The model, filled as PyTorch does, and noise to read."""
    generator = torch.Generator().manual_seed(0)
    module: nn.Module = getattr(nn, str(CELLS[cell].torch_class))(1, H)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-(H**-0.5), H**-0.5, generator=generator)
    return module, torch.randn(T, 1, 1, generator=generator)


def pair_by_pair(J: Tensor, norm: str) -> Tensor:
    """The plain double loop."""
    found = torch.zeros(len(J), len(J))
    for k in range(len(J)):
        product = torch.eye(J.shape[1])
        for t in range(k + 1, len(J)):
            product = J[t] @ product
            found[t, k] = torch.linalg.matrix_norm(product, 2 if norm == "spectral" else "fro")
    return found


def medians(runs: dict[str, Callable[[], object]], repetitions: int) -> dict[str, float]:
    """The median seconds of each, taking turns, after a run that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    gc.collect()
    gc.disable()
    for turn in range(repetitions + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if turn:
                times[name].append(time.perf_counter() - start)
    gc.enable()
    return {name: median(kept) for name, kept in times.items()}


def small(quick: bool) -> list[dict[str, object]]:
    """Every cell, norm and number of threads at T=100, H=32."""
    rows: list[dict[str, object]] = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for cell in ("rnn", "gru", "lstm"):
            module, x = made(cell, T, H)
            J = jacobians(module, x)[:, 0]
            for norm in NORMS:
                found = medians(
                    {
                        "jacobians": partial(jacobians, module, x),
                        "triangle": partial(gradient_triangle, module, x, norm),
                        "peer": partial(pair_by_pair, J, norm),
                    },
                    2 if quick else 7 if norm == "frobenius" else 3,
                )
                goal = GOALS[norm][cell]
                rows.append({"cell": cell, "norm": norm, "threads": threads, "goal": goal, **found})
    return rows


def large(quick: bool) -> list[dict[str, object]]:
    """The largest that the app shows, with the stride that it picks."""
    rows: list[dict[str, object]] = []
    torch.set_num_threads(1)
    for cell in ("rnn", "lstm") if quick else ("rnn", "gru", "lstm"):
        module, x = made(cell, *LARGE)
        S = LARGE[1] * len(CELLS[cell].states)
        for norm in NORMS:
            stride = stride_for(LARGE[0], S, norm, WAIT, most=MOST)
            run = {"triangle": partial(gradient_triangle, module, x, norm, stride=stride)}
            seconds = medians(run, 1 if quick else 3)["triangle"]
            rows.append({"cell": cell, "norm": norm, "stride": stride, "triangle": seconds})
    return rows


def main() -> None:
    chosen = options(__doc__)
    before = torch.get_num_threads()
    rows, more = small(chosen.quick), large(chosen.quick)
    torch.set_num_threads(before)
    report(
        "triangle",
        f"All pairs of steps, T={T}, H={H}",
        ("cell", "norm", "threads", "Jacobians", "triangle", "goal", "pair by pair", "ratio"),
        [
            (
                row["cell"],
                row["norm"],
                row["threads"],
                _ms(row["jacobians"]),
                _ms(row["triangle"]),
                f"<= {row['goal']} ms",
                _ms(row["peer"]),
                f"{float(str(row['peer'])) / float(str(row['triangle'])):.1f}x",
            )
            for row in rows
        ],
    )
    report(
        "triangle",
        f"The largest, T={LARGE[0]}, H={LARGE[1]}, one thread",
        ("cell", "norm", "every n-th step", "triangle"),
        [(row["cell"], row["norm"], row["stride"], _ms(row["triangle"])) for row in more],
    )
    save("triangle", {"small": rows, "large": more}, chosen.save)


def _ms(seconds: object) -> str:
    value = 1000 * float(str(seconds))
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


if __name__ == "__main__":
    main()
