"""What a training is doing, in words, and which buttons mean something. Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnviz.attention.config import PAIR_FIELD, POOL_FIELD, PairConfig, PoolConfig
from rnnviz.ui import run_status, run_words
from rnnviz.ui.attention.settings import short
from rnnviz.ui.attention.shown import Shown
from rnnviz.ui.run_buttons import Button


def buttons(shown: Shown[Any, Any] | None, config: PoolConfig | PairConfig) -> Mapping[str, Button]:
    """The three buttons, by name: train, stop (or continue), another seed."""
    standing = run_status.standing(shown)
    same = shown is not None and shown.config == config
    return {
        "train": standing.begin("Train", "Train with the chosen settings.", same=same),
        "stop": standing.go_on() if standing.rests else standing.stop(),
        "seed": Button("Other seed", True, "Train the same with other weights and other batches.", "casino"),
    }


def differing(shown: Shown[Any, Any], config: PoolConfig | PairConfig) -> str:
    """A sentence on what Train would train other than the run, or ""."""
    found = run_words.changes(type(config).fields, shown.config, config)
    return run_words.differing("Train takes what is new", found)


def detail(shown: Shown[Any, Any]) -> str:
    """How far the run is, and how long it takes or took."""
    run, config, newest = shown.run, shown.config, shown.newest
    if newest < 0:
        return run_words.waiting(run)
    step = max(found[-1].step for found in shown.epochs.values() if found)
    return run_status.paced(
        run, [f"{step:,} steps" if run.state == "done" else f"step {step:,} of {config.updates:,}"]
    )


def onward(shown: Shown[Any, Any]) -> str:
    """What the reader can do now, or is looking at, where the state alone does not say it."""
    instead = run_status.instead(
        shown,
        "The server's own example. Press Train to watch your own learn.",
        "You are watching somebody's run.",
    )
    return run_words.onward(shown.run, shown.own, instead, "Continue goes on from here.")


def name_of(config: PoolConfig | PairConfig) -> str:
    """What a training is called in lists."""
    if isinstance(config, PoolConfig):
        return f"{POOL_FIELD['task'].label_of(config.task)} · {POOL_FIELD['cell'].label_of(config.cell)}"
    told = ", ".join(short(context) for context in config.contexts)
    return f"{PAIR_FIELD['task'].label_of(config.task)} · {told}"


def sizes_of(config: PoolConfig | PairConfig) -> str:
    """Its sizes in lists."""
    steps = f"H {config.hidden} · {config.updates:,} steps · seed {config.seed}"
    if isinstance(config, PoolConfig):
        return f"T {config.length} · {steps}"
    return f"{PAIR_FIELD['encoder'].label_of(config.encoder)}{', both directions' * config.both} · {steps}"
