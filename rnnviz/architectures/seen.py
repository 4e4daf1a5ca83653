"""What an architecture did on a real input: the shapes of all that went through it, its answer, and its gradients."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Stage:
    """One tensor on its way: what it is, the letters of its shape ("(N, B, H)"), and the shape itself, as measured."""

    name: str
    letters: str
    shape: tuple[int, ...]
    words: str = ""


@dataclass(frozen=True, eq=False)
class Strip:
    """One clock of the network, such as a layer, a direction, or the encoder, over its steps in input time.

    ``h`` are the states of sequence 0, ``dh`` is ||dL/dh_t|| with L the loss on that sequence (None where nothing
    flows). ``t`` names the steps.
    """

    name: str
    h: Float[Tensor, "T H"]
    dh: Float[Tensor, " T"] | None
    t: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Seen:
    """What the network with these weights did on sequence 0 of its batch.

    ``stages`` in the order in which they come about. ``x`` (T, D) is what was read, ``answer`` (M, O) what was said,
    ``truth`` alike what is true, at the steps ``answered`` (from 1). ``loss`` is the mean squared error, or the
    cross-entropy in nats, of sequence 0. ``weights`` is the attention (M, T), where there is one.
    """

    stages: tuple[Stage, ...]
    strips: tuple[Strip, ...]
    x: Float[Tensor, "T D"]
    answer: Float[Tensor, "M O"]
    truth: Float[Tensor, "M O"]
    answered: tuple[int, ...]
    loss: float
    weights: Float[Tensor, "M T"] | None = None
