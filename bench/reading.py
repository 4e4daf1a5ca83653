"""What it costs to be told how a file was read, beside a reader that is told everything beforehand.

    python bench/reading.py [--quick] [--save]

Files of 10 MB of daily prices (open, high, low, close, adjusted close, volume), each written in one source's way.
The peer is what one writes for a file of which one knows all: ``pd.read_csv`` with the right delimiter, decimal mark
and encoding, ``to_datetime`` with the right format, ``astype(float)``; it checks nothing and says nothing. Seconds of
the processor, not of the clock: both work on one core, and others on the machine are then no matter. Median of
interleaved repetitions.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rnnviz.forecast import read_table

SIZE = 10_000_000
GOAL = 1.0
COLUMNS = ("Open", "High", "Low", "Close", "Adj Close", "Volume")


def prices(rows: int) -> pd.DataFrame:
    """Made prices of business days, as many as the file needs; they end in 2023."""
    rng = np.random.default_rng(0)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.001, rows)))
    spread = rng.uniform(0.1, 1, (2, rows))
    # So many business days reach back before the calendar that prices have; every day will do as well.
    days = pd.date_range(end="2150-12-31", periods=rows, freq="D")
    found = {"Date": days, "Open": close, "High": close + spread[0], "Low": close - spread[1], "Close": close}
    return pd.DataFrame(found | {"Adj Close": close * 0.97, "Volume": rng.integers(10**6, 10**8, rows)})


def yahoo(frame: pd.DataFrame) -> bytes:
    """2019-12-31,101.234567,..."""
    return frame.assign(Date=frame["Date"].dt.strftime("%Y-%m-%d")).round(6).to_csv(index=False).encode()


def investing(frame: pd.DataFrame) -> bytes:
    """Quoted, newest first, day first, decimal commas: "31/12/2019","1.234,56",..."""
    text = pd.DataFrame({"Datum": frame["Date"].dt.strftime("%d/%m/%Y")})
    for column, name in zip(COLUMNS[:4], ("Eröffn.", "Hoch", "Tief", "Zuletzt"), strict=True):
        text[name] = [f"{v * 10:,.2f}".translate({44: 46, 46: 44}) for v in frame[column]]
    text["Vol."] = [f"{v / 1e6:.2f}M".replace(".", ",") for v in frame["Volume"]]
    return text[::-1].to_csv(index=False, quoting=1).encode("utf-8-sig")


def plain_yahoo(data: bytes) -> pd.DataFrame:
    frame = pd.read_csv(io.BytesIO(data))
    frame["Date"] = pd.to_datetime(frame["Date"])
    frame[list(COLUMNS)] = frame[list(COLUMNS)].astype(float)
    return frame


def plain_investing(data: bytes) -> pd.DataFrame:
    frame = pd.read_csv(io.BytesIO(data), decimal=",", thousands=".", encoding="utf-8-sig")
    frame["Datum"] = pd.to_datetime(frame["Datum"], format="%d/%m/%Y")
    frame["Vol."] = frame["Vol."].str.rstrip("M").str.replace(",", ".").astype(float) * 1e6
    return frame[::-1]


FILES: tuple[tuple[str, Callable[[pd.DataFrame], bytes], Callable[[bytes], pd.DataFrame]], ...] = (
    ("as Yahoo writes it", yahoo, plain_yahoo),
    ("quoted, decimal commas, newest first", investing, plain_investing),
)


def seconds(runs: Sequence[Callable[[bytes], object]], data: bytes, repetitions: int) -> list[float]:
    """The median processor time of each, taking turns."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(repetitions):
        for run, kept in zip(runs, times, strict=True):
            gc.collect()
            start = time.process_time()
            run(data)
            kept.append(time.process_time() - start)
    return [statistics.median(kept) for kept in times]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions of a tenth of the size")
    parser.add_argument("--save", action="store_true", help="keep the raw figures as JSON in bench/results/")
    chosen = parser.parse_args()
    size = SIZE // 10 if chosen.quick else SIZE
    raw = {}
    print(f"pandas {pd.__version__}; medians of processor time in one run\n")
    print("| file | rows | pandas, told all | read_table | ratio | goal |")
    print("|" + " --- |" * 6)
    for name, write, plain in FILES:
        each = len(write(prices(2_000))) / 2_000
        frame = prices(int(size / each))
        data = write(frame)
        read_table(data)  # imports and caches are no matter of the file
        peer, ours = seconds([plain, read_table], data, 3 if chosen.quick else 9)
        raw[name] = {"bytes": len(data), "rows": len(frame), "peer": peer, "ours": ours}
        goal = f"<= {GOAL:g} s" if not chosen.quick else ""
        print(f"| {name}, {len(data) / 1e6:.1f} MB | {len(frame):,} | {peer:.3f} s | {ours:.3f} s "
              f"| {ours / peer:.1f}x | {goal} |", flush=True)  # fmt: skip
    if chosen.save:
        results = Path(__file__).parent / "results"
        results.mkdir(exist_ok=True)
        (results / "reading.json").write_text(json.dumps(raw, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
