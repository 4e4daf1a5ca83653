"""Encoder and decoder: against PyTorch's own cells, step by step and place by place."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import embedding

from rnnviz.attention import PairConfig, build_pair, pair_of, sinusoids
from rnnviz.attention.config import ATTENDING, CONTEXTS, ENCODERS

ALL = tuple(name for name, _ in CONTEXTS)
CELL = {
    "rnn": torch.rnn_tanh_cell,
    "gru": torch.gru_cell,
    "lstm": torch.lstm_cell,
    "positions": torch.gru_cell,
}


def config_of(*contexts, **settings):
    return PairConfig(**{"hidden": 8, "length": 5, **settings, "contexts": contexts})


def model_of(context, **settings):
    return build_pair(config_of(context, **settings), context).double()


def draw(*shape, most=8, seed=0):
    return torch.randint(0, most, shape, generator=torch.Generator().manual_seed(seed))


def run(kind, layer, xs, state, suffix=""):
    """A recurrent layer as a loop over PyTorch's cell: the states h."""
    weights = [
        getattr(layer, f"{name}_l0{suffix}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
    found = []
    for x in xs:
        state = CELL[kind](x, state, *weights)
        found.append(state[0] if kind == "lstm" else state)
    return found, state


def begin(kind, h):
    return (h, torch.zeros_like(h)) if kind == "lstm" else h


def encoded(model, kind, both, source):
    """h_1 to h_N, and the last one."""
    xs = embedding(source, model.encoder.embedding.weight)
    if kind == "positions":
        places = [
            [(math.cos if k % 2 else math.sin)(s / 10000 ** ((k - k % 2) / 8)) for k in range(8)]
            for s in range(len(source))
        ]
        h = xs + torch.tensor(places, dtype=torch.float64).unsqueeze(1)
        return list(h), h[-1]
    zero = begin(kind, xs.new_zeros(xs.shape[1], 8 // (1 + both)))
    forward = run(kind, model.encoder.rnn, xs, zero)[0]
    if not both:
        return forward, forward[-1]
    back = run(kind, model.encoder.rnn, xs.flip(0), zero, "_reverse")[0][::-1]
    return [torch.cat(pair, 1) for pair in zip(forward, back, strict=True)], torch.cat(
        [forward[-1], back[0]], 1
    )


def scores(context, score, s, h):
    if context == "dot":
        return [(s * key).sum(1) for key in h]
    if context == "general":
        return [(s * (key @ score.W.weight.T)).sum(1) for key in h]
    if context == "concat":
        return [torch.tanh(torch.cat([s, key], 1) @ score.W.weight.T) @ score.v.weight[0] for key in h]
    return [torch.tanh(s @ score.W_q.weight.T + key @ score.W_k.weight.T) @ score.v.weight[0] for key in h]


def plain(model, kind, both, context, source, said):
    """Logits and weights as the papers write them."""
    decoder, stop = model.decoder, model.stop
    h, last = encoded(model, kind, both, source)
    if context not in ATTENDING:
        seen = torch.stack(h).mean(0) if context == "all" else last
        fixed = seen if context == "last" else torch.tanh(model.fixed.g(seen))

    def look(s):
        if context not in ATTENDING:
            return fixed, None
        weights = torch.stack(scores(context, model.score, s, h), 1).softmax(1)
        return sum(weights[:, j : j + 1] * h[j] for j in range(len(h))), weights

    state = begin(kind, torch.tanh(last @ decoder.start.weight.T + decoder.start.bias))
    logits, rows = [], []
    for word in [torch.full_like(said[0], stop), *said[:-1]]:
        x = embedding(word, decoder.embedding.weight)
        if context in ("dot", "general", "concat"):
            (s,), state = run(kind, decoder.rnn, [x], state)
            c, weights = look(s)
        else:
            c, weights = look(state[0] if kind == "lstm" else state)
            (s,), state = run(kind, decoder.rnn, [torch.cat([x, c], 1)], state)
        logits.append(torch.tanh(torch.cat([c, s], 1) @ decoder.W_c.weight.T) @ decoder.W_s.weight.T)
        rows.append(weights)
    return torch.stack(logits), None if rows[0] is None else torch.stack(rows)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("kind", [name for name, _ in ENCODERS])
@pytest.mark.parametrize("context", ALL)
def test_it_is_the_plain_composition(context, kind, both):
    model = model_of(context, encoder=kind, both=both)
    source, said = draw(5, 3), draw(4, 3, most=9, seed=1)
    found = model.teach(source, said)
    logits, weights = plain(model, kind, both and kind != "positions", context, source, said)
    torch.testing.assert_close(found.logits, logits, rtol=1e-12, atol=1e-12)
    if weights is None:
        assert found.weights is None
    else:
        torch.testing.assert_close(found.weights, weights.transpose(0, 1), rtol=1e-12, atol=1e-12)
        assert (found.weights.sum(-1) - 1).abs().max() < 1e-12
    leaves = list(model.parameters())
    ours = torch.autograd.grad(found.logits.square().sum(), leaves)
    theirs = torch.autograd.grad(logits.square().sum(), leaves)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["lstm", "positions"])
@pytest.mark.parametrize("context", ALL)
def test_what_it_says_is_what_it_would_say_when_taught_its_own_words(context, kind):
    model = model_of(context, encoder=kind, both=True)
    with torch.no_grad():  # so that it says this and that, and some stop early
        model.decoder.rnn.weight_ih_l0.mul_(10)
        model.decoder.W_s.weight.mul_(10)
    source = draw(4, 60)
    said = model.say(source, 7)
    taught = model.teach(source, said.tokens)
    for name in ("logits", "states", "context", "encoded", "weights"):
        ours, theirs = getattr(said, name), getattr(taught, name)
        if ours is not None:
            torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12, msg=name)
    stopped = (said.tokens == model.stop).cumsum(0).cumsum(0) > 1  # after the first stop
    assert stopped.any()
    assert (said.tokens[stopped] == model.stop).all()
    assert torch.equal(said.tokens[~stopped], said.logits.argmax(-1)[~stopped])
    assert not said.logits.requires_grad


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru", "positions"])
def test_an_encoder_of_one_direction_knows_nothing_of_what_is_to_come(kind):
    encoder = model_of("dot", encoder=kind).encoder
    source = draw(6, 4)
    other = source.clone()
    other[3] = (other[3] + 1) % 8
    before, after = encoder(source).states, encoder(other).states
    assert torch.equal(before[:3], after[:3])
    assert (before[3] != after[3]).any(1).all()
    if kind == "positions":
        assert torch.equal(before[4:], after[4:])
    both = model_of("dot", encoder=kind, both=True).encoder
    assert torch.equal(both(source).states[:3], both(other).states[:3]) == (kind == "positions")


@pytest.mark.parametrize("context", ALL)
def test_sequences_of_a_batch_do_not_see_each_other(context):
    model = model_of(context, both=True)
    source, said, order = draw(5, 6), draw(4, 6, most=9, seed=1), torch.tensor([3, 1, 5, 0, 4, 2])
    found, moved = model.teach(source, said), model.teach(source[:, order], said[:, order])
    for name, value in found._asdict().items():
        if value is not None:
            expected = value[order] if name == "weights" else value[:, order]
            torch.testing.assert_close(getattr(moved, name), expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(
        model.say(source[:, order], 4).logits, model.say(source, 4).logits[:, order], rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("context", ["last", "learned", "all"])
def test_a_fixed_context_is_the_same_at_every_step(context):
    found = model_of(context).teach(draw(5, 2), draw(4, 2, most=9))
    assert (found.context == found.context[0]).all()
    if context == "last":
        assert torch.equal(found.context[0], found.encoded[-1])


def test_a_word_that_is_to_come_changes_nothing():
    for context in ALL:
        model, source, said = model_of(context), draw(5, 2), draw(4, 2, most=9)
        other = said.clone()
        other[2:] = (other[2:] + 1) % 9
        before, after = model.teach(source, said).logits, model.teach(source, other).logits
        torch.testing.assert_close(before[:3], after[:3], rtol=0, atol=0)
        assert (before[3] != after[3]).any()


def test_what_the_contexts_have_in_common_starts_alike():
    config = config_of("bahdanau", "general", "last", "all")
    first, *others = (build_pair(config, context).state_dict() for context in config.contexts)
    for other in others:
        common = {name for name in first if name in other}
        assert {"encoder.embedding.weight", "encoder.rnn.weight_hh_l0", "decoder.W_s.weight"} <= common
        for name in common:
            ours, theirs = first[name], other[name]
            if name == "decoder.rnn.weight_ih_l0":
                ours, theirs = ours[:, :8], theirs[:, :8]
            assert torch.equal(ours, theirs), name


def test_the_seed_decides_the_weights_and_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    one, again = (build_pair(config_of("concat", seed=3), "concat").state_dict() for _ in range(2))
    other = build_pair(config_of("concat", seed=4), "concat").state_dict()
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in one)
    assert torch.equal(before, torch.get_rng_state())


def test_it_is_filled_in_pytorchs_ranges():
    model = build_pair(config_of("general", hidden=64, encoder="lstm"), "general")
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.LSTM):
            bound = (module.hidden_size if isinstance(module, nn.LSTM) else module.in_features) ** -0.5
            for parameter in module.parameters():
                assert 0.9 * bound < parameter.detach().abs().max() <= bound
        if isinstance(module, nn.Embedding):
            assert module.weight.std().item() == pytest.approx(1, abs=0.1)


def test_weights_of_other_settings_are_refused():
    tensors = build_pair(config_of("general"), "general").state_dict()
    assert torch.equal(
        pair_of(config_of("general"), "general", tensors).stop * torch.ones(()), torch.tensor(8.0)
    )
    with pytest.raises(
        ValueError, match="expected the weights of the context 'dot' with these settings, got others"
    ):
        pair_of(config_of("dot"), "dot", tensors)
    with pytest.raises(ValueError, match="expected one of the contexts general, got 'dot'; choose it"):
        build_pair(config_of("general"), "dot")


def test_two_directions_share_the_size():
    model = build_pair(config_of("dot", hidden=9, both=True), "dot")
    assert (model.encoder.rnn.hidden_size, model.decoder.rnn.hidden_size) == (5, 10)
    assert model.teach(draw(3, 2), draw(4, 2)).encoded.shape == (3, 2, 10)
    assert config_of("dot", hidden=9, both=True).remarks == (
        "Two directions share the hidden size evenly: 10 units, not 9.",
    )


def test_what_is_to_be_known_of_positions():
    assert config_of("dot", "last", encoder="positions").remarks == (
        "Positions alone are not recurrent: h_N is the last symbol and its place, and knows no others.",
    )
    assert config_of("dot", encoder="positions").remarks == ()
    assert config_of("dot", "last").remarks == ()
    model = model_of("last", encoder="positions")
    source, other = draw(5, 3), draw(5, 3, seed=1)
    other[-1] = source[-1]
    assert torch.equal(model.say(source, 6).logits, model.say(other, 6).logits)


@pytest.mark.parametrize("size", [1, 7, 8])
def test_sinusoids(size):
    """Vaswani et al. 2017, section 3.5, number by number; a shift is a rotation of each sine with its cosine."""
    found = sinusoids(20, size, torch.float64)
    for s in (0, 3, 19):
        for k in range(size):
            angle = s / 10000 ** ((k - k % 2) / size)
            assert found[s, k].item() == pytest.approx(
                math.cos(angle) if k % 2 else math.sin(angle), abs=1e-12
            )
    if size == 8:
        torch.testing.assert_close(found[4:] @ found[4:].T, found[:16] @ found[:16].T, rtol=1e-12, atol=1e-12)
