"""What it costs to see every gate, state and gradient, beside plain PyTorch.

    python bench/backend.py [--quick]

Each time is the median of interleaved repetitions, so that a busy machine slows both sides alike. "Apart" is
the public API, ``rnnviz.trace`` and then ``rnnviz.gradients``; "together" is the one pass that the app makes
(``rnnviz.together.observe_module``). The peers are one forward and backward pass of the same ``nn.LSTM``
through the fused kernels, which shows neither gates nor gradients through time, and a loop over
``nn.LSTMCell`` with ``retain_grad`` at every step, which is how they are usually had. float32, one sequence,
loss on the last step.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rnnviz.gradients import gradients
from rnnviz.together import observe_module
from rnnviz.trace import trace

SIZES = ((200, 64), (1000, 256))
GOALS = {(200, 64): 3.0, (1000, 256): 4.0}
LOOP_GOAL = 8.0


def plain(module: nn.LSTM, x: Tensor) -> None:
    """One fused forward and backward pass, into the weights and the input."""
    module.zero_grad()
    module(x.detach().requires_grad_())[0][-1].sum().backward()


def unrolled(module: nn.LSTM, x: Tensor) -> None:
    """The step-by-step loop, keeping the gradient of every h and c."""
    cell = nn.LSTMCell(module.input_size, module.hidden_size)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in module.state_dict().items()})
    h = c = torch.zeros(x.shape[1], module.hidden_size)
    kept = []
    for x_t in x.detach().requires_grad_():
        h, c = cell(x_t, (h, c))
        h.retain_grad()
        c.retain_grad()
        kept.append((h, c))
    h.sum().backward()
    torch.stack([h.grad for h, _ in kept if h.grad is not None])
    torch.stack([c.grad for _, c in kept if c.grad is not None])


def apart(module: nn.LSTM, x: Tensor) -> None:
    """The public API: a trace, then gradients."""
    trace(module, x)
    gradients(module, x)


def together(module: nn.LSTM, x: Tensor) -> None:
    """Both from one pass, as the app does."""
    observe_module(module, x)


def medians(
    runs: Sequence[Callable[[nn.LSTM, Tensor], None]], module: nn.LSTM, x: Tensor, repetitions: int
) -> list[float]:
    """The median milliseconds of each, taking turns."""
    times: list[list[float]] = [[] for _ in runs]
    for repetition in range(repetitions + 2):
        for run, kept in zip(runs, times, strict=True):
            start = time.perf_counter()
            run(module, x)
            if repetition >= 2:  # the first ones warm up
                kept.append(1000 * (time.perf_counter() - start))
    return [statistics.median(kept) for kept in times]


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    """Print the table; returns the ratios by row, as "T=200 H=64 apart, 1 thread" and so on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    quick = parser.parse_args(arguments).quick
    ratios: dict[str, float] = {}
    print(f"torch {torch.__version__}; medians in milliseconds; ratios in the same run\n")
    print(
        "| LSTM, B=1 | threads | plain | loop | apart | together | apart/plain | together/plain | goal "
        "| loop/apart | loop/together | goal |"
    )
    print("|" + "---|" * 12)
    before = torch.get_num_threads()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for T, H in SIZES:
            generator = torch.Generator().manual_seed(0)
            module = nn.LSTM(1, H)
            bound = H**-0.5
            with torch.no_grad():
                for parameter in module.parameters():
                    parameter.uniform_(-bound, bound, generator=generator)
            x = torch.randn(T, 1, 1, generator=generator)
            repetitions = (5 if quick else 31) if T < 1000 else (3 if quick else 11)
            p, u, a, t = medians((plain, unrolled, apart, together), module, x, repetitions)
            loop_goal = f">= {LOOP_GOAL:g}" if T < 1000 else ""
            print(
                f"| T={T} H={H} | {threads} | {p:.2f} | {u:.1f} | {a:.2f} | {t:.2f} | {a / p:.2f} | "
                f"{t / p:.2f} | <= {GOALS[T, H]:g} | {u / a:.1f} | {u / t:.1f} | {loop_goal} |"
            )
            row = f"T={T} H={H}, {threads} thread{'s' if threads > 1 else ''}"
            ratios |= {f"{row}: apart/plain": a / p, f"{row}: together/plain": t / p}
            ratios |= {f"{row}: loop/apart": u / a, f"{row}: loop/together": u / t}
    torch.set_num_threads(before)
    return ratios


if __name__ == "__main__":
    main()
