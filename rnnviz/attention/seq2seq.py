"""From one sequence to another: an encoder, a decoder, and what the one tells the other.

Two ways to attend, by which state asks. Bahdanau, Cho & Bengio 2015 (section 3): s_{t-1} asks, and the context goes
into the decoder's layer. Luong, Pham & Manning 2015 (section 3): the layer moves on first, and s_t asks; the context
never enters it (their "input feeding" is left out), so that with the truth fed all steps are one call. Without
attention one context, the same at each step, goes into the layer (Cho et al. 2014).

All decoders start from h_N, so that none is blind, with attention too: what attention adds is what h_N does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from rnnviz.attention.coders import Decoder, Encoded, Encoder, FixedContext, State
from rnnviz.attention.config import ATTENDING, PairConfig
from rnnviz.attention.filling import fill
from rnnviz.attention.pooling import take
from rnnviz.attention.scores import SCORES, Score, attend
from rnnviz.tasks import pairs
from rnnviz.tasks.pairs import PairTask


class Decoded(NamedTuple):
    """What was said, and from what, at M steps.

    ``logits``; the ``tokens`` that were said; the ``weights`` on the S places, batch first as attention has them
    everywhere, or None without attention; the states ``encoded`` of the source; the ``states`` s_1 to s_M of the
    decoder; and the ``context`` at each of its steps.
    """

    logits: Float[Tensor, "M B V"]
    tokens: Int[Tensor, "M B"]
    weights: Float[Tensor, "B M S"] | None
    encoded: Float[Tensor, "S B K"]
    states: Float[Tensor, "M B H"]
    context: Float[Tensor, "M B K"]


class _Told(NamedTuple):
    """The source as it was read, and what the decoder is told of it when a state asks: context and weights."""

    encoded: Encoded
    look: Callable[[Tensor], tuple[Tensor, Tensor | None]]


class _Step(NamedTuple):
    logits: Float[Tensor, "M B V"]
    weights: Float[Tensor, "M B S"] | None
    states: Float[Tensor, "M B H"]
    context: Float[Tensor, "M B K"]


class Seq2seq(nn.Module):
    """``encoder``, ``decoder``, and ``score``; without attention that is None, and ``fixed`` gives the context.

    ``kind`` is one of :data:`rnnviz.attention.config.ENCODERS`, ``context`` one of
    :data:`rnnviz.attention.config.CONTEXTS`. States, keys and embeddings all have ``size`` numbers, which must be even
    with ``both`` directions. The last output is the stop sign; before its first word a decoder reads it as well.
    """

    def __init__(self, kind: str, context: str, inputs: int, outputs: int, size: int, both: bool) -> None:
        super().__init__()
        self.context = context
        self.stop = outputs - 1
        attends = context in ATTENDING
        self.encoder = Encoder(kind, inputs, size, both)
        self.decoder = Decoder(kind, outputs, size, fed=context == "bahdanau" or not attends)
        self.score: Score | None = SCORES[context](size, size, size) if attends else None
        if not attends:
            self.fixed = FixedContext(context, size)

    def forward(self, source: Int[Tensor, "S B"], said: Int[Tensor, "M B"]) -> Decoded:
        """:meth:`teach`."""
        return self.teach(source, said)

    def teach(self, source: Int[Tensor, "S B"], said: Int[Tensor, "M B"]) -> Decoded:
        """What it says next at each step, when the words before are these. ``tokens`` are its own, not fed back."""
        told = self._told(source)
        words = torch.cat([torch.full_like(said[:1], self.stop), said[:-1]])
        state = self.decoder.begin(told.encoded.last)
        if self.context != "bahdanau":
            step = self._steps(told, words, state)[0]
            return Decoded(
                step.logits,
                step.logits.argmax(-1),
                None if step.weights is None else step.weights.transpose(0, 1),
                told.encoded.states,
                step.states,
                step.context,
            )
        steps = []
        for word in words:
            step, state = self._steps(told, word.unsqueeze(0), state)
            steps.append(step)
        return _joined(told, steps, None)

    @torch.no_grad()
    def say(self, source: Int[Tensor, "S B"], most: int) -> Decoded:
        """What it says with its own words fed back, the most likely one each time: ``most`` steps.

        After its first stop sign a sequence says nothing else.
        """
        told = self._told(source)
        state = self.decoder.begin(told.encoded.last)
        word = torch.full_like(source[0], self.stop)
        over = torch.zeros_like(word, dtype=torch.bool)
        steps, tokens = [], []
        for _ in range(most):
            step, state = self._steps(told, word.unsqueeze(0), state)
            word = step.logits[0].argmax(-1).masked_fill(over, self.stop)
            over = over | (word == self.stop)
            steps.append(step)
            tokens.append(word)
        return _joined(told, steps, tokens)

    def _told(self, source: Int[Tensor, "S B"]) -> _Told:
        encoded = self.encoder(source)
        score = self.score
        if score is None:
            fixed = self.fixed(encoded).unsqueeze(0)
            return _Told(encoded, lambda query: (fixed, None))
        values = encoded.states.transpose(0, 1)  # (B, S, K)
        known = score.known(values)
        return _Told(encoded, lambda query: attend(score.compare(query, known), values))

    def _steps(self, told: _Told, words: Int[Tensor, "M B"], state: State) -> tuple[_Step, State]:
        """The next M steps at once; for Bahdanau's attention M is 1, as a step needs the state before it."""
        if self.decoder.fed:
            context, weights = told.look(state[0] if isinstance(state, tuple) else state)
            context = context.expand(len(words), -1, -1)
            states, state = self.decoder.advance(words, context, state)
        else:
            states, state = self.decoder.advance(words, None, state)
            context, weights = told.look(states)
        return _Step(self.decoder.say(context, states), weights, states, context), state


def _joined(told: _Told, steps: list[_Step], tokens: list[Tensor] | None) -> Decoded:
    logits, weights, states, context = zip(*steps, strict=True)
    said = torch.cat(logits)
    return Decoded(
        said,
        said.argmax(-1) if tokens is None else torch.stack(tokens),
        None if weights[0] is None else torch.cat(weights).transpose(0, 1),
        told.encoded.states,
        torch.cat(states),
        torch.cat(context),
    )


def build_pair(config: PairConfig, context: str, task: PairTask | None = None) -> Seq2seq:
    """The untrained network of one context, on the CPU, as PyTorch fills it, from generators of its own.

    What the networks of a config have in common starts with the same weights. With both directions an odd hidden size
    counts as the next even one. ``task`` is the config's, where it is at hand. ``ValueError`` for a context that the
    config does not have.
    """
    if context not in config.contexts:
        raise ValueError(
            f"expected one of the contexts {', '.join(config.contexts)}, got {context!r}; choose it in the settings"
        )
    task = task or pairs.task_of(config)
    both = config.both and config.encoder != "positions"
    size = config.hidden + (both and config.hidden % 2)
    with torch.device("meta"):
        model = Seq2seq(config.encoder, context, len(task.alphabet_in), len(task.alphabet_out), size, both)
    model.to_empty(device="cpu")
    fill(model, config.seed)
    return model


def pair_of(
    config: PairConfig, context: str, tensors: Mapping[str, Tensor], task: PairTask | None = None
) -> Seq2seq:
    """The network of one context with these weights. ``ValueError`` for a state dict of other settings."""
    model = build_pair(config, context, task)
    take(model, tensors, f"the context {context!r}")
    return model
