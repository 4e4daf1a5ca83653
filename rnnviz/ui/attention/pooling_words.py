"""What attention over one sequence shows, in sentences that quote the measured numbers. HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from rnnviz.attention.config import PoolConfig
from rnnviz.attention.epoch import PoolEpoch, kept
from rnnviz.prose import written
from rnnviz.ui.findings import share

if TYPE_CHECKING:
    from rnnviz.attention.observed import PoolSeen
    from rnnviz.tasks.pooled import PoolTask

SOLVED = 0.95
"""An accuracy from which on a task counts as learned."""

ALIKE = 0.8
"""The share of the steps from which on weights count as spread over all: exp(entropy) is how many they are."""

FEW = 0.01
"""A share of test sequences met in training from which on it is said."""

ELSEWHERE = 0.8
"""A share of hits below which a learned task shows that attention need not look at the answer."""


def answer(seen: PoolSeen) -> str:
    """What a network answered to the sequence that is read, in Plotly's markup."""
    verdict = "right" if seen.right else f"wrong: it is {escape(seen.truth)}"
    return f"says <b>{escape(seen.said)}</b>, {verdict}"


def where(weights: Sequence[float], at: int) -> str:
    """Where a network looked, in a few words: by the entropy of its weights, and by the largest of them."""
    if not all(math.isfinite(weight) for weight in weights):
        return ""
    count = math.exp(-sum(weight * math.log(weight) for weight in weights if weight > 0))
    top = max(range(len(weights)), key=lambda t: weights[t])
    if count > ALIKE * len(weights):
        return f"looks at all {len(weights)} steps alike"
    if weights[top] > 0.5:
        return f"looks at step {top + 1}{', where the answer stands' if top == at else ''}"
    return f"looks at some {count:.0f} steps"


def sentences(
    config: PoolConfig,
    epochs: Sequence[PoolEpoch],
    task: PoolTask,
    before: PoolSeen | None,
    after: PoolSeen | None,
    *,
    final: bool,
) -> list[str]:
    """Accuracy, entropy and where the weight stands, before training and after it; ``before`` and ``after`` on one."""
    if not epochs:
        return ["Nothing has been measured yet."]
    first, best = epochs[0], kept(epochs)
    if best is None:
        return ["The loss was no finite number from the start: a smaller learning rate helps."]
    when = "after training" if final else f"by step {best.step:,}"
    chance = next(yard.value for yard in task.yardsticks if yard.metric == "accuracy")
    most = math.log(config.length)
    found = [
        f"Right answers on test sequences: <b>{share(first.accuracy)}</b> before training, "
        f"<b>{share(best.accuracy)}</b> {when}; guessing: <b>{share(chance)}</b>.{_which(best, task, config, final)}",
        f"Entropy of the weights: <b>{written(first.entropy)}</b> nats before, <b>{written(best.entropy)}</b> {when}. "
        f"Equal weights have ln {config.length} = <b>{written(most)}</b>; <b>{written(best.entropy)}</b> is that of "
        f"<b>{written(math.exp(best.entropy))}</b> steps looked at alike.",
        f"Weight on the step where the answer stands: <b>{written(first.on_answer)}</b> before, "
        f"<b>{written(best.on_answer)}</b> {when}, against 1/T = <b>{written(1 / config.length)}</b>. It is the "
        f"largest in <b>{share(best.hit)}</b> of the test sequences.",
    ]
    if best.accuracy >= SOLVED and best.hit < ELSEWHERE:
        found.append(
            "The task is solved, and yet the largest weight often stands elsewhere: a recurrent state remembers, and a "
            "later step tells the answer as well. Weights show what was read, not where it was written."
        )
    if final and best.accuracy < SOLVED:
        found.append("It has not learned the task: more steps, another seed or another learning rate may.")
    if before is not None and after is not None:
        found.append(_one(before, after))
    if any(one.diverged for one in epochs):
        found.append(
            f"It diverged by step <b>{epochs[-1].step:,}</b>: a number that is not finite appeared, and it is trained "
            "no further."
        )
    return found


def _which(best: PoolEpoch, task: PoolTask, config: PoolConfig, final: bool) -> str:
    """Whose numbers these are, and how many of the test sequences are no new ones."""
    from rnnviz.attention.fitting import BATCH
    from rnnviz.tasks.base import TEST

    text = ""
    if final:
        by = (
            f"{TEST} validation sequences, which are not counted here"
            if best.validation_loss is not None
            else "these very sequences"
        )
        text = f" These are the weights of step {best.step:,}, with the least loss on {by}."
    if (met := task.met(BATCH * config.updates)) >= FEW:
        text += f" So short, about {share(met)} of the test sequences come up in training too."
    return text


def _one(before: PoolSeen, after: PoolSeen) -> str:
    """The sequence that is read."""
    top = int(after.weights.argmax())
    where = "at the answer" if top == after.at else f"at step <b>{top + 1}</b>"
    verdict = "right" if after.right else f"wrong, it is <b>{escape(after.truth)}</b>"
    return (
        f"In example {after.example} the answer stands at step <b>{after.at + 1}</b>. The weight there goes from "
        f"<b>{written(float(before.weights[before.at]))}</b> to <b>{written(float(after.weights[after.at]))}</b>; the "
        f"largest, <b>{written(float(after.weights[top]))}</b>, stands {where}. The network says "
        f"<b>{escape(after.said)}</b>: {verdict}."
    )
