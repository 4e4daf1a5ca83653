"""What is seen of a network: shapes as measured, answers, strips, contexts."""

import pytest
import torch
from by_hand import by_hand
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.architectures import ARCHITECTURES, Shape, build_model, observe, problem_of
from rnnviz.architectures.points import letters_of, points_of
from rnnviz.architectures.sizes import shorts
from rnnviz.architectures.watched import Caught

KINDS = [kind for kind, _ in ARCHITECTURES]
# Built in the tests: their type checks draw from the random module, which strategies must not.
shapes = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "cell": st.sampled_from(["lstm", "gru", "rnn"]),
        "length": st.integers(4, 24),
        "hidden": st.integers(2, 9),
        "batch": st.integers(1, 5),
        "layers": st.integers(1, 4),
        "seed": st.integers(0, 9999),
    }
)


def read(letters, values):
    """The numbers that the letters of a shape stand for."""
    parts = letters.strip("()").split(", ")
    return tuple(eval(part.replace("2H", "2*H").replace("·", "*"), {}, values) for part in parts)


@given(shapes)
@settings(max_examples=25)
def test_the_letters_of_a_stage_are_its_real_shape(chosen):
    shape = Shape(**chosen)
    seen, problem = observe(shape), problem_of(shape)
    values = letters_of(shape) | {"D": problem.D, "O": problem.O, "n": shorts(shape.length)[0]}
    for stage in seen.stages:
        assert stage.shape == read(stage.letters, values), stage
        assert stage.times >= 1
    N, M = shape.length, len(seen.answered)
    assert len(seen.x) == (1 if shape.kind.startswith("one") else N)
    assert seen.answer.shape == seen.truth.shape == (M, problem.O)
    for strip in seen.strips:
        assert len(strip.h) == len(strip.dh) == len(strip.t)
        assert strip.h.shape[1] == shape.hidden
        assert strip.dh.isfinite().all()
    assert len(seen.answer) == M


@pytest.mark.parametrize("kind", KINDS)
def test_the_shapes_are_those_of_the_network_that_trains(kind):
    """Caught without the watched layers in between."""
    shape = Shape(kind, length=9, hidden=6, batch=3, layers=3)
    model, points = build_model(shape), points_of(shape)
    caught = Caught(model, points)
    model(problem_of(shape).shown[0])
    assert [stage.shape for stage in observe(shape).stages] == [tuple(one.shape) for one in caught.first]
    assert [stage.times for stage in observe(shape).stages] == caught.times


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("layernorm", "contexts")])
def test_strips_are_the_gradients_of_sequence_0_in_an_unrolled_loop(kind):
    shape = Shape(kind, cell="gru", length=8, hidden=5, batch=3, layers=2, seed=5)
    problem, model = problem_of(shape), build_model(shape).double()
    x, y = problem.shown
    x, y = x[:, :1].double(), y[:1] if problem.kind == "classes" else y[..., :1, :].double()
    answer, lists = by_hand(shape, model, x)
    seen = observe(shape)
    assert seen.loss == pytest.approx(problem.loss(answer, y).item(), rel=1e-5)
    for strip, states in zip(seen.strips, lists, strict=True):
        norms = [g.norm() for g in torch.autograd.grad(problem.loss(answer, y), states, retain_graph=True)]
        torch.testing.assert_close(strip.dh.double(), torch.stack(norms), rtol=1e-3, atol=1e-8)
        torch.testing.assert_close(strip.h.double(), torch.stack(states)[:, 0], rtol=1e-4, atol=1e-6)


def test_three_contexts_side_by_side():
    shape = Shape("contexts", length=9, hidden=6, batch=2, seed=8)
    problem, model = problem_of(shape), build_model(shape).double()
    x, y = problem.shown
    answers, lists = by_hand(shape, model, x[:, :1].double())
    seen = observe(shape)
    assert [told.name for told in seen.contexts] == ["last", "learned", "all"]
    for k, told in enumerate(seen.contexts):
        torch.testing.assert_close(told.answer.double(), answers[k, :, 0], rtol=1e-4, atol=1e-6)
        loss = (answers[k, :, 0] - y[:, 0]).square().mean()
        assert told.loss == pytest.approx(loss.item(), rel=1e-5)
        for strip, states in zip(told.strips, lists[2 * k : 2 * k + 2], strict=True):
            norms = [g.norm() for g in torch.autograd.grad(loss, states, retain_graph=True)]
            torch.testing.assert_close(strip.dh.double(), torch.stack(norms), rtol=1e-3, atol=1e-8)
    last = seen.contexts[0]
    assert torch.equal(last.context, last.strips[0].h[-1])
    # h_N is used as the context alone, and nothing comes after it.
    assert last.dcontext == pytest.approx(last.strips[0].dh[-1].item(), rel=1e-4)
    assert torch.equal(seen.answer, last.answer)


def test_weights_of_attention_and_probabilities_of_classes_sum_to_one():
    seen = observe(Shape("attention", length=11))
    assert seen.weights.shape == (1, 11)
    assert seen.weights.sum().item() == pytest.approx(1, abs=1e-6)
    for kind in ("n_to_1", "layernorm"):
        seen = observe(Shape(kind))
        assert seen.answer.sum().item() == pytest.approx(1, abs=1e-6)
        assert seen.truth.sum() == 1
        assert seen.loss == pytest.approx(-(seen.answer[seen.truth == 1]).log().item(), rel=1e-5)


def test_with_the_input_read_once_only_the_states_carry_it():
    once, each = observe(Shape("one_to_n", seed=1)), observe(Shape("one_to_n_each", seed=1))
    assert torch.equal(once.x, each.x)
    assert torch.equal(once.truth, each.truth)
    assert torch.equal(once.strips[0].h[0], each.strips[0].h[0])
    assert not torch.equal(once.strips[0].h[1], each.strips[0].h[1])


def test_the_skips_bring_more_gradient_down():
    """Layer 1 of four, with the skips and with the same weights without them."""
    seen = observe(Shape("residual", cell="lstm", layers=4, length=12, seed=0))
    assert [strip.name for strip in seen.beside] == [strip.name for strip in seen.strips]
    with_skips, without = seen.strips[0].dh.mean(), seen.beside[0].dh.mean()
    assert with_skips > 10 * without


def test_clocks_name_their_steps():
    upper = observe(Shape("hierarchical", length=11)).strips[1]
    assert upper.t == ("1 to 4", "5 to 8", "9 to 11")
    decoder = observe(Shape("n_to_m", length=6)).strips[1]
    assert decoder.t == ("7", "8", "9")


def test_it_works_in_inference_mode_and_leaves_the_generator():
    before = torch.random.get_rng_state()
    with torch.inference_mode():
        seen = observe(Shape("bidirectional", length=5))
    assert not any(tensor.is_inference() for tensor in (seen.x, seen.answer, seen.strips[0].dh))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_other_weights_on_the_same_input():
    shape = Shape("n_to_m", seed=3)
    tensors = {name: 2 * value for name, value in build_model(shape).state_dict().items()}
    fresh, other = observe(shape), observe(shape, tensors)
    assert torch.equal(fresh.x, other.x)
    assert torch.equal(fresh.truth, other.truth)
    assert not torch.allclose(fresh.answer, other.answer)
    with pytest.raises(ValueError, match="expected the weights"):
        observe(Shape("n_to_m", hidden=7), tensors)
