"""Gradient norms of a loss at several steps, and curves that others are held against."""

from typing import Any

import numpy as np
import pytest

from rnnviz.figures.gradients import Curve, norms

NORMS = [1e-3, 1e-2, 0.1, 0.5, 1.0, 2.0, 1.0, 0.5]


def words(spec: dict[str, Any]) -> list[str]:
    return [note["text"] for note in spec["layout"]["annotations"]]


@pytest.mark.parametrize(
    ("scored", "said", "uprights"),
    [
        ((), "loss", [8]),
        ((7,), "loss", [8]),
        ((5, 6, 7), "loss at steps 6 to 8", [6, 8]),
        (tuple(range(8)), "loss at steps 1 to 8", [8]),
        ((2, 7), "loss at 2 steps", [3, 8]),
    ],
)
def test_where_the_loss_is_is_said_and_marked(
    scored: tuple[int, ...], said: str, uprights: list[int]
) -> None:
    spec = norms.spec([Curve("gru", "GRU", NORMS)], 7, scored=scored)
    assert said in words(spec)
    assert [line["x0"] for line in spec["layout"]["shapes"]] == uprights


def test_relative_to_the_last_scored_step() -> None:
    spec = norms.spec([Curve("gru", "GRU", NORMS)], 7, relative=True, scored=(5, 6, 7))
    np.testing.assert_allclose(spec["data"][0]["y"], np.array(NORMS) / NORMS[-1])
    assert spec["layout"]["yaxis"]["title"]["text"].endswith("÷ its value at the last scored step")


def test_a_quiet_curve_is_dotted_and_named_in_a_remark_alone() -> None:
    loud = Curve("gru", "GRU", NORMS)
    quiet = Curve("gru", "GRU, before", [value / 10 for value in NORMS], quiet="before training")
    spec = norms.spec([loud, quiet], 7)
    one, other = spec["data"]
    assert one["line"]["color"] == other["line"]["color"]
    assert one["line"]["dash"] != other["line"]["dash"]
    assert other["mode"] == "lines"
    np.testing.assert_allclose(other["y"], np.array(NORMS) / 10)
    assert "dotted: before training" in words(spec)
    assert "GRU" in words(spec)
    assert "GRU, before" not in words(spec)
    assert not any("dotted" in text for text in words(norms.spec([loud], 7)))
