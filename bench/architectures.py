"""What each architecture of the gallery learns, and in how long: its small problem at the default sizes, on one core.

One line a kind and cell: seconds of processor time, test loss before and after, and what it is held against.
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from rnnviz.architectures import ARCHITECTURES, Shape, fit, problem_of


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kinds", nargs="*", default=[kind for kind, _ in ARCHITECTURES])
    parser.add_argument("--cells", nargs="*", default=["lstm", "gru", "rnn"])
    parser.add_argument("--length", type=int, default=12)
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    print(f"N={chosen.length}, H={chosen.hidden}; loss: median of {chosen.seeds} seeds (worst)")
    print(
        f"{'kind':<15}{'cell':<6}{'seconds':>8}{'before':>9}{'after':>20}{'yardsticks':>20}  right or parts"
    )
    for kind in chosen.kinds:
        for cell in chosen.cells:
            seconds, before, after, more = [], [], [], []
            for seed in range(chosen.seeds):
                shape = Shape(
                    kind,
                    cell=cell,
                    length=chosen.length,
                    hidden=chosen.hidden,
                    layers=chosen.layers,
                    seed=seed,
                )
                begin = time.process_time()
                epochs = list(fit(shape))
                seconds.append(time.process_time() - begin)
                before.append(epochs[0].test_loss)
                best = min(epochs, key=lambda epoch: epoch.test_loss)
                after.append(best.test_loss)
                parts = " ".join(f"{name} {value:.4f}" for name, value in best.parts.items())
                more.append(parts if best.accuracy is None else f"{best.accuracy:.1%}")
            held = " ".join(f"{one.value:.4f}" for one in problem_of(shape).yardsticks)
            result = f"{statistics.median(after):.5f} ({max(after):.5f})"
            print(
                f"{kind:<15}{cell:<6}{statistics.median(seconds):>8.2f}{statistics.median(before):>9.4f}"
                f"{result:>20}{held:>20}  {' | '.join(more)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
