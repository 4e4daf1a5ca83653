"""Which weights are on the screen, and how far their training is. Nothing here draws."""

from __future__ import annotations

from html import escape

from rnnviz.architectures.config import Shape
from rnnviz.ui import run_words
from rnnviz.ui.architectures.choice import Shown, fits
from rnnviz.ui.run_words import duration

AS_DRAWN = "the weights are as drawn"


def html(head: str, detail: str, share: float) -> str:
    """The status in one line, over a thin bar that keeps its place."""
    return (
        f"<div class='rv-status rva-status' role='status'><p><b>{escape(head)}</b> <span>{escape(detail)}</span></p>"
        f"<progress max='1' value='{share:.4f}' aria-label='Share of the training that is done'></progress></div>"
    )


def words(shown: Shown | None, shape: Shape, stage: str, *, gone: bool = False) -> tuple[str, str, float]:
    """The state in a word or two, what more there is to say, and the share of the training that is done."""
    if stage == "fresh":
        return "Untrained", f"{AS_DRAWN} from seed {shape.seed}.", 0.0
    if shown is None:
        lost = "The run of this link is no longer here. " if gone else ""
        return "Untrained", f"{lost}These settings are not trained yet: Train takes a few seconds.", 0.0
    run = shown.run
    if shown.trained:
        return "Trained", _trained(shown, shape), 1.0
    head = run_words.headline(run, shown.place)
    share = min(max(run.done, 0.0), 1.0)
    if run.active:
        far = f"{run.words} · " if run.state == "running" and run.words else ""
        return head, f"{far}untrained until it is through", share
    return head, run.message or f"{AS_DRAWN}.", share


def offered(shown: Shown | None, shape: Shape) -> tuple[bool, str]:
    """Whether there is something to train, and what the button tells."""
    if shown is None or not fits(shown.shape, shape):
        return True, "Train these settings on the small problem: a few seconds in the background."
    if shown.run.active:
        return False, "It is being trained."
    if shown.trained:
        return False, "These weights are trained. Other sizes or another seed can be."
    return True, "Train it anew."


def _trained(shown: Shown, shape: Shape) -> str:
    steps = f"{shown.epochs[-1]['step']:,} steps" if shown.epochs else "on its small problem"
    parts = [f"{steps} in {duration(shown.run.seconds)}"]
    if shown.shape.length != shape.length:
        parts.append(f"on N = {shown.shape.length}")
    return " · ".join(parts)
