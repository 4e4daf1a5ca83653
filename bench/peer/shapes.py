"""Numbers of the same shapes as a trace, from numpy alone: the peers pay for no model."""

import os

import numpy as np

UNITS = int(os.environ.get("BENCH_UNITS", "16"))
STEPS = int(os.environ.get("BENCH_STEPS", "60"))
LINES = int(os.environ.get("BENCH_LINES", "3"))


def waves(rows: int, scale: float, phase: float = 0.0) -> np.ndarray:
    """Rows of float32 waves, (rows, STEPS), all of them changed by the scale."""
    t = np.arange(STEPS, dtype=np.float32)
    u = np.arange(rows, dtype=np.float32)[:, None]
    return np.tanh(scale * np.sin(0.2 * t + u + phase) + 0.1 * np.cos(0.05 * t * (u + 1))).astype(np.float32)
