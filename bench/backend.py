"""What it costs to see every gate, state and gradient, beside plain PyTorch.

    python bench/backend.py [--quick]

Each time is the median of interleaved repetitions, so that a busy machine slows all sides alike. "Apart" is
the public API, ``rnnviz.trace`` and then ``rnnviz.gradients``; "together" is the one pass that the app makes
(``rnnviz.together.observe_module``). float32, one sequence, loss on the last step. The peers:

*   plain: a forward and backward pass of the same ``nn.LSTM`` through the fused kernels, which shows neither
    gates nor gradients through time;
*   cells: a loop over ``nn.LSTMCell`` with ``retain_grad`` on every h and c, which does not show the gates;
*   gates: the same loop with the gates written out, which shows all that a trace and its gradients hold.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rnnviz.gradients import gradients
from rnnviz.together import observe_module
from rnnviz.trace import trace

SIZES = ((200, 64), (1000, 256))
GOALS = {(200, 64): 3.0, (1000, 256): 4.0}
LOOP_GOALS = {(200, 64): ">= 8x", (1000, 256): ""}


def plain(module: nn.LSTM, x: Tensor) -> None:
    """One fused forward and backward pass, into the weights and the input."""
    module.zero_grad()
    module(x.detach().requires_grad_())[0][-1].sum().backward()


def cells(module: nn.LSTM, x: Tensor) -> None:
    """The loop over nn.LSTMCell, keeping the gradient of every h and c."""
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
    stacked([(h, c, h.grad, c.grad) for h, c in kept])


def gates(module: nn.LSTM, x: Tensor) -> None:
    """The loop with the gates written out, keeping them and the gradient of every h and c."""
    W_ih, W_hh, b_ih, b_hh = module.parameters()
    h = c = torch.zeros(x.shape[1], module.hidden_size)
    kept = []
    for x_t in x.detach().requires_grad_():
        i, f, g, o = (linear(x_t, W_ih, b_ih) + linear(h, W_hh, b_hh)).chunk(4, 1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        h = o * c.tanh()
        h.retain_grad()
        c.retain_grad()
        kept.append((h, c, i, f, g, o))
    module.zero_grad()
    h.sum().backward()
    stacked([(*values, values[0].grad, values[1].grad) for values in kept])


def stacked(steps: Sequence[tuple[Tensor | None, ...]]) -> list[Tensor]:
    """Each quantity over time, as a picture needs it."""
    return [
        torch.stack([value.detach() for value in values if value is not None])
        for values in zip(*steps, strict=True)
    ]


def apart(module: nn.LSTM, x: Tensor) -> None:
    """The public API: a trace, then gradients."""
    trace(module, x)
    gradients(module, x)


def together(module: nn.LSTM, x: Tensor) -> None:
    """Both from one pass, as the app does."""
    observe_module(module, x)


def made(T: int, H: int) -> tuple[nn.LSTM, Tensor]:
    """The model, filled as PyTorch does, and noise to read."""
    generator = torch.Generator().manual_seed(0)
    module = nn.LSTM(1, H)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-(H**-0.5), H**-0.5, generator=generator)
    return module, torch.randn(T, 1, 1, generator=generator)


def medians(
    runs: Sequence[Callable[[nn.LSTM, Tensor], None]], module: nn.LSTM, x: Tensor, repetitions: int
) -> dict[str, float]:
    """The median milliseconds of each, taking turns, each timed right after an untimed run of its own.

    Without that, whoever follows a loop of thousands of small steps pays for the caches it left behind.
    """
    times: dict[str, list[float]] = {run.__name__: [] for run in runs}
    gc.collect()
    gc.disable()  # nor shall anybody pay for another's garbage
    for _ in range(repetitions):
        for run in runs:
            run(module, x)
            start = time.perf_counter()
            run(module, x)
            times[run.__name__].append(1000 * (time.perf_counter() - start))
    gc.enable()
    return {name: statistics.median(kept) for name, kept in times.items()}


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    """Print the table; returns every ratio by its name, such as "T=200 H=64, 1 thread: apart/plain"."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    quick = parser.parse_args(arguments).quick
    ratios: dict[str, float] = {}
    print(f"torch {torch.__version__}, nn.LSTM, float32, B=1; medians in one run\n")
    print("| size | threads | plain | apart | together | apart/plain | together/plain | goal "
          "| cells/apart | cells/together | gates/apart | gates/together | goal |")  # fmt: skip
    print("|" + "---|" * 13)
    before = torch.get_num_threads()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for T, H in SIZES:
            module, x = made(T, H)
            repetitions = (15 if quick else 51) if T < 1000 else (3 if quick else 7)
            times = medians((plain, cells, gates, apart, together), module, x, repetitions)
            p, c, g, a, t = times.values()
            found = {"apart/plain": a / p, "together/plain": t / p}
            loops = {
                "cells/apart": c / a,
                "cells/together": c / t,
                "gates/apart": g / a,
                "gates/together": g / t,
            }
            ratios |= {f"T={T} H={H}, {threads} thread(s): {k}": v for k, v in (found | loops).items()}
            row = [f"T={T} H={H}", f"{threads}", f"{p:.2f} ms", f"{a:.2f} ms", f"{t:.2f} ms"]
            row += [f"{ratio:.2f}x" for ratio in found.values()] + [f"<= {GOALS[T, H]:g}x"]
            row += [f"{ratio:.1f}x" for ratio in loops.values()] + [LOOP_GOALS[T, H]]
            print("| " + " | ".join(row) + " |", flush=True)
    torch.set_num_threads(before)
    return ratios


if __name__ == "__main__":
    main()
