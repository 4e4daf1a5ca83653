"""States, gradients and answers of the gallery's networks: what is drawn are the numbers that were measured."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from rnnviz.architectures import Shape, observe, problem_of
from rnnviz.architectures.config import ARCHITECTURES
from rnnviz.architectures.seen import Seen, Strip
from rnnviz.figures import architecture_common as common
from rnnviz.figures.architecture_answer import answer
from rnnviz.figures.architecture_contexts import alone, indexed
from rnnviz.figures.architecture_strips import strips

KINDS = [kind for kind, _ in ARCHITECTURES]


@cache
def seen(kind: str) -> Seen:
    return observe(Shape(kind=kind, length=7, hidden=3, batch=2))


def drawn(kind: str, found: Seen) -> object:
    asked = problem_of(Shape(kind=kind, length=7, hidden=3, batch=2))
    return answer(found, asked.channels, asked.outputs, classes=asked.kind == "classes")


def strip(dh: list[float] | None, name: str = "states", first: int = 1) -> Strip:
    count = 3 if dh is None else len(dh)
    h = torch.linspace(-1, 1, 2 * count).reshape(count, 2)
    t = tuple(str(first + k) for k in range(count))
    return Strip(name, h, None if dh is None else torch.tensor(dh), t)


@pytest.mark.parametrize("kind", KINDS)
def test_states_and_gradients_are_those_of_every_clock(kind: str, sound: Callable) -> None:
    found = seen(kind)
    fig = sound(strips(found.strips, beside=found.beside))
    maps = [one for one in fig.data if one.type == "heatmap"]
    lines = [one for one in fig.data if one.type == "scatter"]
    for one, heat, line in zip(found.strips, maps, lines, strict=False):
        np.testing.assert_array_equal(heat.z, one.h.T)
        spans = [common.span(name) for name in one.t]
        np.testing.assert_array_equal(heat.x, [spans[0][0] - 0.5, *(last + 0.5 for _, last in spans)])
        np.testing.assert_allclose(line.y, one.dh)
        np.testing.assert_allclose(line.x, [(a + b) / 2 for a, b in spans])
        assert all(10 ** fig.layout[line.yaxis.replace("y", "yaxis")].range[0] < one.dh)
    assert len(maps) == len(found.strips)
    assert len(lines) == len(found.strips) + len(found.beside)
    axes = {heat.yaxis for heat in maps}
    assert len(axes) == len(common.rows_of(found.strips))


def test_clocks_that_go_on_share_a_row_and_others_do_not() -> None:
    assert common.rows_of(seen("n_to_m").strips) == [[0, 1]]
    assert common.rows_of(seen("bidirectional").strips) == [[0], [1]]
    assert common.rows_of(seen("hierarchical").strips) == [[0], [1]]
    assert common.rows_of(seen("contexts").strips) == [[0, 1], [2, 3], [4, 5]]
    assert common.last_step(seen("n_to_m").strips) == 7 + 3


def test_a_step_is_named_by_its_numbers() -> None:
    assert common.span("12") == (12, 12)
    assert common.span("4 to 6") == (4, 6)
    for bad in ("", "x", "4-6", "4 to", "-1"):
        with pytest.raises(ValueError, match="expected a step such as"):
            common.span(bad)


def test_what_is_no_number_on_the_axis_is_marked_under_it(sound: Callable) -> None:
    fig = sound(strips([strip([1e-3, 1e-40, 0.0, math.inf, 2e-2])]))
    line = next(one for one in fig.data if one.type == "scatter" and one.mode == "lines+markers")
    np.testing.assert_allclose(line.y, [1e-3, np.nan, np.nan, np.nan, 2e-2], rtol=1e-6)
    marked = {
        tuple(one.x): one.meta["mark"] for one in fig.data if one.type == "scatter" and one.mode == "markers"
    }
    assert marked == {
        (2.0,): "underflow, too small for float32",
        (3.0,): "0: nothing flows, or too little for float32",
        (4.0,): "not finite",
    }
    low, top = fig.layout.yaxis2.range
    assert low < -3
    assert top > -1
    assert all(
        low < math.log10(one.y[0]) < -3 for one in fig.data if one.type == "scatter" and one.mode == "markers"
    )
    assert "ends at 10<sup>−3</sup>" in fig.layout.annotations[-1].text


def test_where_nothing_flows_there_are_rings_and_no_line(sound: Callable) -> None:
    fig = sound(strips([strip(None)]))
    (ring,) = [one for one in fig.data if one.type == "scatter" and one.mode == "markers"]
    assert ring.meta["mark"] == "no gradient flows here"
    np.testing.assert_array_equal(ring.x, [1, 2, 3])
    with pytest.raises(ValueError, match="at least one strip"):
        strips([])


def test_the_axis_ends_at_whole_decades_and_takes_in_what_it_is_compared_with() -> None:
    def ends(**more: object) -> tuple[float, ...]:
        fig = strips([strip([0.03, 0.2, 0.05])], **more)
        return tuple(round(10 * end) / 10 for end in fig.layout.yaxis2.range)

    assert ends() == (-2.1, 0.1)
    assert ends(reach=[strip([1e-5, 20.0, 1.0])])[0] < -5
    assert ends(reach=[strip([1e-5, 20.0, 1.0])])[1] > 2
    assert ends(beside=[strip([4e-4, 1.0, 1.0])])[0] < -4


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_stands_against_the_truth(kind: str, sound: Callable) -> None:
    found = seen(kind)
    fig = sound(drawn(kind, found))
    by_name = {one.name: one for one in fig.data}
    if kind in ("n_to_1", "layernorm"):
        np.testing.assert_array_equal(by_name["probability"].x, found.answer[0])
        right = int(found.truth[0].argmax())
        assert [", truth" in text for text in fig.layout.yaxis2.ticktext] == [k == right for k in range(3)]
    elif kind == "contexts":
        for told in found.contexts:
            np.testing.assert_array_equal(by_name[told.label].y, told.answer[:, 0])
        np.testing.assert_array_equal(by_name["truth"].y, found.truth[:, 0])
    elif kind == "attention":
        np.testing.assert_array_equal(by_name["weight"].y, found.weights[0])
        assert by_name["network"].y == (found.answer[0, 0],)
        assert by_name["marked value, truth"].y == (found.truth[0, 0],)
        (at,) = np.flatnonzero(found.x[:, 1])
        assert by_name["marked"].x == (at + 1,)
    else:
        np.testing.assert_array_equal(by_name["network"].y, found.answer[:, 0])
        np.testing.assert_array_equal(by_name["truth"].y, found.truth[:, 0])
        np.testing.assert_array_equal(by_name["network"].x, found.answered)
        assert ("value read" in by_name) == (len(found.x) > 1)


def test_the_three_contexts_share_an_axis_and_show_what_they_hold(sound: Callable) -> None:
    found = seen("contexts")
    figs = [sound(alone(told, found, k)) for k, told in enumerate(found.contexts)]
    assert len({fig.layout.yaxis.range for fig in figs}) == 1
    for told, fig in zip(found.contexts, figs, strict=True):
        np.testing.assert_array_equal(fig.data[1].y, told.answer[:, 0])
        np.testing.assert_array_equal(fig.data[2].z[0], told.context)
    assert indexed("c = g(h_1 … h_N)") == "c = g(h<sub>1</sub> … h<sub>N</sub>)"


def test_answers_that_are_no_numbers_are_left_blank(sound: Callable) -> None:
    for kind in ("n_to_n", "attention", "n_to_1"):
        found = seen(kind)
        sound(drawn(kind, replace(found, answer=torch.full_like(found.answer, math.nan))))
