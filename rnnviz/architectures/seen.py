"""What an architecture did on a real input: the shapes of all that went through it, its answer, and its gradients."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Stage:
    """One tensor on its way: what it is, the letters of its shape ("(N, B, H)"), and the shape itself, as measured.

    ``times`` counts how often such a tensor came by, as in a decoder that says one step at a time.
    """

    name: str
    letters: str
    shape: tuple[int, ...]
    words: str = ""
    times: int = 1


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
class Told:
    """One of the networks that differ in their context, each with its own weights: what it was told, what came of it.

    ``name`` is "last", "learned" or "all", ``label`` what stands for it, such as "c = h_N". ``context`` (K,) is c,
    ``dcontext`` is ||dL/dc||. ``answer`` (M, O), ``loss`` and ``strips`` (encoder, decoder) as in :class:`Seen`.
    """

    name: str
    label: str
    context: Float[Tensor, " K"]
    dcontext: float
    answer: Float[Tensor, "M O"]
    loss: float
    strips: tuple[Strip, ...]


@dataclass(frozen=True, eq=False)
class Seen:
    """What the network with these weights did on sequence 0 of its batch.

    ``stages`` in the order in which they come about. ``x`` (T, D) is what was read, ``answer`` (M, O) what was said,
    ``truth`` alike what is true, at the steps ``answered`` (from 1); those beyond the input are the decoder's. Of
    classes, ``answer`` are the probabilities, and ``truth`` is 1 at the right one. ``loss`` is the mean squared error,
    or the cross-entropy in nats, of sequence 0. ``weights`` is the attention (M, T), where there is one.

    ``contexts`` are the three networks of the architecture "contexts"; ``answer`` and ``loss`` are then those of the
    first, and ``strips`` those of all, one after the other. ``beside`` are the strips of the same weights without what
    the architecture adds, where that can be taken away: the residual network without its skips.
    """

    stages: tuple[Stage, ...]
    strips: tuple[Strip, ...]
    x: Float[Tensor, "T D"]
    answer: Float[Tensor, "M O"]
    truth: Float[Tensor, "M O"]
    answered: tuple[int, ...]
    loss: float
    weights: Float[Tensor, "M T"] | None = None
    contexts: tuple[Told, ...] = ()
    beside: tuple[Strip, ...] = ()
