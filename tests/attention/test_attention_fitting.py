"""Training with attention: against a plain loop, resumed bit for bit, measured from the definitions, and diverging."""

import json
import math
from dataclasses import replace

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from rnnviz.attention.config import CONTEXTS, PairConfig, PoolConfig
from rnnviz.attention.epoch import PairEpoch, PoolEpoch, kept
from rnnviz.attention.fitting import BATCH, CLIP, STREAM, PairFit, PoolFit
from rnnviz.attention.measures import entropy, measure_pair, measure_pool, shown
from rnnviz.attention.pooling import build_pooled, pooled_of
from rnnviz.attention.seq2seq import Seq2seq, build_pair, pair_of
from rnnviz.tasks import pairs, pooled

POOL = PoolConfig(length=6, hidden=5, updates=60, task="marked")  # 2 updates an epoch
PAIR = PairConfig(length=3, hidden=8, updates=30, contexts=tuple(name for name, _ in CONTEXTS[:4]))


class EnoughError(Exception):
    """Raised where a fit is interrupted."""


def some(fit, count):
    return [next(fit) for _ in range(count)]


def rows(epochs):
    return [json.dumps(epoch.to_row()) for epoch in epochs]


def stored(tensors):
    """As a worker stores and finds them."""
    return safetensors.torch.load(safetensors.torch.save(tensors))


def makes(config, context="general"):
    """How a fit of this config is made, from a checkpoint and on_step."""
    if isinstance(config, PoolConfig):
        return lambda *more: PoolFit(config, *more)
    return lambda *more: PairFit(config, context, *more)


def test_pooling_learns_as_a_plain_loop_does():
    fit = PoolFit(POOL)
    epochs = some(fit, 4)
    task = pooled.task_of(POOL)
    model = build_pooled(POOL, task)
    plain = torch.optim.Adam(model.parameters(), lr=POOL.rate)
    generator = torch.Generator().manual_seed(STREAM)
    losses, norms = [], []
    for step in range(6):
        plain.param_groups[0]["lr"] = POOL.rate * (1 - step / POOL.updates)
        batch = task.batch(BATCH, generator)
        loss = cross_entropy(model(batch.x).output, batch.y)
        plain.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP).item())
        plain.step()
        losses.append(loss.item())
    assert [epoch.step for epoch in epochs] == [0, 2, 4, 6]
    assert epochs[0].loss == pytest.approx(losses[0], rel=1e-5)
    for epoch in epochs[1:]:
        part = slice(epoch.step - 2, epoch.step)
        assert epoch.loss == pytest.approx(sum(losses[part]) / 2, rel=1e-4)
        assert epoch.norm == pytest.approx(sum(norms[part]) / 2, rel=1e-4)
    for mine, theirs in zip(fit.model.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("context", ["bahdanau", "general", "all"])
def test_pairs_learn_as_a_plain_loop_does(context):
    config = replace(PAIR, contexts=(context,))
    fit = PairFit(config, context)
    some(fit, 3)
    task = pairs.task_of(config)
    model = build_pair(config, context, task)
    plain = torch.optim.Adam(model.parameters(), lr=config.rate)
    generator = torch.Generator().manual_seed(STREAM)
    for step in range(2):
        plain.param_groups[0]["lr"] = config.rate * (1 - step / config.updates)
        batch = task.draw(BATCH, generator)
        logits = model.teach(batch.source, batch.target).logits
        plain.zero_grad()
        cross_entropy(logits.permute(1, 2, 0), batch.target.T).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        plain.step()
    for mine, theirs in zip(fit.model.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-6)


@settings(max_examples=4)
@given(st.integers(0, 30), st.sampled_from([POOL, PAIR]))
def test_it_may_rest_anywhere(calls, config):
    """What on_step raises passes through; the same fit, and one from its checkpoint, go on as if nothing were."""
    make = makes(config)
    expected = rows(some(make(), 5))
    left = calls

    def on_step():
        nonlocal left
        if left == 0:
            raise EnoughError
        left -= 1

    first, begun = make(None, on_step), []
    with pytest.raises(EnoughError):
        begun.extend(first)
    resumed = make(stored(first.checkpoint()))
    assert (rows(begun) + rows(some(resumed, max(0, 5 - len(begun)))))[:5] == expected
    first.on_step = None
    assert (rows(begun) + rows(some(first, max(0, 5 - len(begun)))))[:5] == expected


@pytest.mark.parametrize("config", [POOL, PAIR])
def test_on_step_comes_before_every_step_and_every_look(config):
    calls = 0

    def count():
        nonlocal calls
        calls += 1

    fit = makes(config)(None, count)
    next(fit)
    before = calls
    next(fit)
    looks = 0 if isinstance(config, PoolConfig) else len(fit.task.tested)
    assert (before, calls - before) == (1 + looks, config.per_epoch + 1 + looks)


@pytest.mark.parametrize("config", [POOL, PAIR])
def test_epochs_are_numbered_and_the_best_weights_are_those_of_the_lowest_validation_loss(config):
    before = torch.get_rng_state()
    fit = makes(replace(config, rate=0.05))()
    with torch.inference_mode():
        epochs = list(fit)
    assert torch.equal(torch.get_rng_state(), before)
    assert [epoch.step for epoch in epochs] == [k * config.per_epoch for k in range(31)]
    assert [epoch.number for epoch in epochs] == list(range(31))
    best = min(epochs, key=lambda epoch: epoch.validation_loss)
    assert (fit.best_loss, fit.best_number) == (best.validation_loss, best.number)
    assert kept(epochs) == best
    if isinstance(config, PoolConfig):
        found = measure_pool(pooled_of(config, fit.best), fit.task)
    else:
        found = measure_pair(pair_of(config, "general", fit.best), fit.task)
    assert (found.test_loss, found.validation_loss) == (best.test_loss, best.validation_loss)
    kind = type(best)
    assert all(
        kind.from_row(json.loads(row)) == epoch for row, epoch in zip(rows(epochs), epochs, strict=True)
    )
    assert list(makes(replace(config, rate=0.05))(stored(fit.checkpoint()))) == []


@pytest.mark.parametrize("config", [POOL, PAIR])
def test_a_step_that_is_not_finite_is_not_taken(config):
    fit = makes(config)()
    some(fit, 2)
    with torch.no_grad():
        next(fit.model.parameters()).fill_(math.nan)
    epoch = next(fit)
    assert epoch.diverged
    assert epoch.step == config.per_epoch
    assert math.isnan(epoch.loss)
    assert fit.finished
    assert all(value.isfinite().all() for value in fit.best.values())
    assert (PoolEpoch if config is POOL else PairEpoch).from_row(json.loads(rows([epoch])[0])).diverged


def test_a_checkpoint_fits_only_its_own():
    kept = PairFit(PAIR, "general").checkpoint()
    for make in (makes(PAIR, "bahdanau"), makes(replace(PAIR, hidden=9)), makes(POOL)):
        with pytest.raises(ValueError, match="expected a checkpoint of"):
            make(kept)
    with pytest.raises(ValueError, match="expected one of the contexts"):
        PairFit(PAIR, "last")


def test_all_contexts_see_the_same_batches():
    fits = [PairFit(PAIR, context) for context in PAIR.contexts]
    for fit in fits:
        some(fit, 3)
    states = [fit.checkpoint()["generator"] for fit in fits]
    assert all(torch.equal(states[0], other) for other in states[1:])


def test_weights_without_a_preference():
    """A score of nothing: ln T nats, 1/T on every step; a head of nothing: ln 8, and one class out of 8."""
    task = pooled.task_of(POOL)
    model = build_pooled(POOL, task)
    with torch.no_grad():
        model.pool.score.weight.zero_()
        for parameter in model.head.parameters():
            parameter.zero_()
    found = measure_pool(model, task)
    assert found.entropy == pytest.approx(math.log(6), rel=1e-6)
    assert found.on_answer == pytest.approx(1 / 6, rel=1e-6)
    assert found.weights == pytest.approx([1 / 6] * 6, rel=1e-6)
    assert found.test_loss == pytest.approx(math.log(8), rel=1e-6)
    assert found.accuracy == pytest.approx((task.test.y == 0).float().mean().item())


def test_weights_that_find_the_mark():
    """The first unit reads the mark alone, and the score it alone: all weight stands on the answer."""
    config = replace(POOL, cell="rnn")
    task = pooled.task_of(config)
    model = build_pooled(config, task)
    with torch.no_grad():
        for parameter in model.rnn.parameters():
            parameter.zero_()
        model.rnn.weight_ih_l0[0, -1] = 20
        model.pool.score.weight.zero_()
        model.pool.score.weight[0, 0] = 40
    found = measure_pool(model, task)
    assert found.hit == 1
    assert found.on_answer == pytest.approx(1)
    assert found.entropy == pytest.approx(0, abs=1e-6)


@given(st.integers(1, 12), st.floats(0.1, 30))
def test_the_entropy_of_weights(S, sharp):
    weights = torch.softmax(sharp * torch.linspace(0, 1, S, dtype=torch.float64), 0)
    expected = -sum(w * math.log(w) for w in weights.tolist())
    assert entropy(weights).item() == pytest.approx(expected, abs=1e-12)
    assert -1e-12 <= expected <= math.log(S) + 1e-12
    assert entropy(torch.eye(S)).tolist() == [0] * S


class Looking:
    """An answer that is always right, whose weights stand ``off`` places beside the source of each symbol."""

    def __init__(self, monkeypatch, task, off):
        config = PairConfig(length=4, hidden=8, contexts=("general",), task=task)
        self.task, self.model = pairs.task_of(config), build_pair(config, "general")
        say = Seq2seq.say

        def told(model, source, most):
            truth = next(t for t in map(self.task.test, self.task.tested) if t.source is source)
            places = (truth.at + off) % len(source)
            weights = torch.nn.functional.one_hot(places.T, len(source)).float()
            return say(model, source, most)._replace(tokens=truth.target, weights=weights)

        monkeypatch.setattr(Seq2seq, "say", told)
        self.found = measure_pair(self.model, self.task)


@pytest.mark.parametrize(("off", "aligned", "shifted"), [(0, 1, 0), (1, 0, 3 / 4), (-1, 0, 3 / 4)])
@pytest.mark.parametrize("task", ["reverse", "copy"])
def test_alignment_is_counted_on_the_longest_sources(monkeypatch, task, off, aligned, shifted):
    """One of the four symbols has no neighbour on that side: it counts as not shifted."""
    look = Looking(monkeypatch, task, off)
    assert shown(look.task) == (4,)
    assert look.found.aligned == aligned
    assert look.found.shifted[1] == pytest.approx(shifted)
    if off:
        assert look.found.shifted[0] == off
    assert look.found.entropy == 0
    assert (look.found.exact, look.found.symbols) == (1, 1)
    assert look.found.by_length == [(length, 1.0) for length in range(2, 7)]


def test_exact_and_symbols_are_means_over_the_lengths_in_training():
    fit = PairFit(replace(PAIR, rate=0.03), "general")
    epoch = some(fit, 30)[-1]
    losses, judged, symbols, shares = [], [], [], []
    for length in (2, 3):
        other = fit.task.validation(length)
        logits = fit.model.teach(other.source, other.target).logits
        judged.append(cross_entropy(logits.permute(1, 2, 0), other.target.T).item())
        test = fit.task.test(length)
        losses.append(
            cross_entropy(
                fit.model.teach(test.source, test.target).logits.permute(1, 2, 0), test.target.T
            ).item()
        )
        right = fit.model.say(test.source, length + 1).tokens == test.target
        symbols.append(right.double().mean().item())
        shares.append(right.all(0).double().mean().item())
    assert epoch.test_loss == pytest.approx(sum(losses) / 2, rel=1e-5)
    assert epoch.validation_loss == pytest.approx(sum(judged) / 2, rel=1e-5)
    assert epoch.symbols == pytest.approx(sum(symbols) / 2)
    assert epoch.exact == pytest.approx(sum(shares) / 2)
    assert 0 < epoch.exact < epoch.symbols < 1
    assert [length for length, _ in epoch.by_length] == list(fit.task.tested)
    assert dict(epoch.by_length)[3] == pytest.approx(shares[1])


def test_without_attention_there_are_no_weights_to_measure():
    epoch = next(PairFit(replace(PAIR, contexts=("last",)), "last"))
    assert (epoch.entropy, epoch.aligned, epoch.shifted) == (None, None, None)


def test_dates_are_looked_at_in_all_their_lengths():
    task = pairs.task_of(PairConfig(task="dates"))
    assert shown(task) == task.lengths


@pytest.mark.parametrize("config", [POOL, PAIR])
def test_what_judges_is_drawn_apart(config):
    """Other sequences than those of the test, whose numbers are then those of a choice that never saw them."""
    task = makes(config)().task
    if isinstance(config, PoolConfig):
        judges, told = task.validation.x, task.test.x
        assert torch.equal(pooled.task_of(config).validation.x, judges)
    else:
        judges, told = task.validation(3).source, task.test(3).source[:, :64]
        assert torch.equal(pairs.task_of(config).validation(3).source, judges)
    assert judges.shape == told.shape
    same = (judges == told).transpose(0, 1).flatten(1).all(1)  # (B,)
    assert same.float().mean() < 0.05


def test_runs_of_before_there_was_a_validation_loss_keep_their_choice():
    """Their rows have no such loss: what was kept then is found by the test loss, and none is made up."""
    epochs = some(PoolFit(replace(POOL, rate=0.05)), 12)
    data = [{k: v for k, v in one.to_row().items() if k != "validation_loss"} for one in epochs]
    old = [PoolEpoch.from_row(row) for row in data]
    assert {one.validation_loss for one in old} == {None}
    assert kept(old).test_loss == min(one.test_loss for one in epochs)
    assert kept([replace(old[0], test_loss=math.nan)]) is None


def test_what_is_said_after_the_stop_sign_counts_for_nothing(monkeypatch):
    """All weight on the first symbol until it stops, and spread evenly after that: the entropy is 0."""
    config = PairConfig(length=4, hidden=8, contexts=("general",), task="copy")
    task, model = pairs.task_of(config), build_pair(config, "general")
    say = Seq2seq.say

    def early(model, source, most):
        found = say(model, source, most)
        tokens = torch.zeros_like(found.tokens)
        tokens[1:] = model.stop  # a letter, and then it stops
        weights = torch.full_like(found.weights, 1 / len(source))
        weights[:, :2] = 0
        weights[:, :2, 0] = 1
        return found._replace(tokens=tokens, weights=weights)

    monkeypatch.setattr(Seq2seq, "say", early)
    found = measure_pair(model, task)
    assert found.entropy == 0
    assert found.aligned == 0.5  # of the two symbols up to the stop sign the first stands there
