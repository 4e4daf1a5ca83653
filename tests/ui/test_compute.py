"""Results are shared by all who chose the same, and by nobody else; and they do not pile up."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
import torch

from rnnviz.experiment import Experiment
from rnnviz.observe import observe
from rnnviz.ui import compute

SMALL = Experiment(cells=("gru",), length=6, hidden=3)


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    for cache in caches():
        cache.cache_clear()
    yield
    for cache in caches():
        cache.cache_clear()


def caches() -> list[Any]:
    return [value for value in vars(compute).values() if hasattr(value, "cache_info")]


def size(value: Any, seen: set[int]) -> int:
    """Bytes of all tensors in a value, each storage once."""
    if isinstance(value, torch.Tensor):
        storage = value.untyped_storage()
        new = storage.data_ptr() not in seen
        seen.add(storage.data_ptr())
        return storage.nbytes() if new else 0
    if is_dataclass(value):
        value = [getattr(value, field.name) for field in fields(value)]
    elif isinstance(value, dict):
        value = list(value.values())
    return sum(size(item, seen) for item in value) if isinstance(value, list | tuple) else 0


def test_equal_experiments_share_one_result() -> None:
    first = compute.observation(SMALL, "gru")
    assert compute.observation(Experiment(cells=("gru",), length=6, hidden=3), "gru") is first
    # What a visitor chose besides does not count.
    assert compute.observation(replace(SMALL, cells=("lstm", "gru")), "gru") is first


@pytest.mark.parametrize(
    "changes",
    [{"seed": 1}, {"length": 7}, {"hidden": 4}, {"scale": 1.05}, {"init": "identity"}, {"loss": 2}],
)
def test_each_setting_counts(changes: dict[str, Any]) -> None:
    assert compute.observation(replace(SMALL, **changes), "gru") is not compute.observation(SMALL, "gru")


def test_another_s_text_is_another_result() -> None:
    mine = compute.observation(replace(SMALL, signal="text", text="mine"), "gru")
    theirs = compute.observation(replace(SMALL, signal="text", text="them"), "gru")
    assert mine is not theirs
    assert mine.signal.labels == tuple("mine")
    assert theirs.signal.labels == tuple("them")
    # A text that is not read counts for nothing.
    assert compute.observation(replace(SMALL, text="mine"), "gru") is compute.observation(SMALL, "gru")


def test_one_run_and_several_are_kept_apart() -> None:
    one, six, strong = (
        compute.observation(SMALL, "gru"),
        compute.observation(SMALL, "gru", starts=6),
        compute.observation(SMALL, "gru", strengths=6),
    )
    assert [run.trace.output.shape[1] for run in (one, six, strong)] == [1, 6, 6]
    assert compute.observation(SMALL, "gru", starts=6) is six


def test_the_numbers_are_those_of_observe() -> None:
    found, expected = compute.observation(SMALL, "lstm"), observe(SMALL, "lstm")
    assert torch.equal(found.trace.output, expected.trace.output)
    assert torch.equal(found.gradients.layers[0].h_norm, expected.gradients.layers[0].h_norm)
    assert torch.equal(compute.signal(SMALL).x, expected.signal.x)


def test_what_is_kept_has_an_end_in_number_and_in_bytes() -> None:
    largest = Experiment(cells=("lstm",), length=500, hidden=128)
    total = 0
    one, several = observe(largest, "lstm"), observe(largest, "lstm", starts=6)
    assert size(one, set()) < 3e6
    assert size(several, set()) < 15e6
    for cache in caches():
        maxsize = cache.cache_info().maxsize
        assert maxsize is not None
        total += maxsize * size(several if cache is compute._several else one, set())
    assert total < 250e6
    for seed in range(compute.KEPT + 20):
        compute.observation(replace(SMALL, seed=seed), "gru")
        compute.observation(replace(SMALL, seed=seed), "gru", strengths=6)
    assert compute._observation.cache_info().currsize == compute.KEPT
    assert compute._several.cache_info().currsize == compute.KEPT_SEVERAL


def test_the_first_pages_results_are_computed_before_anyone_asks() -> None:
    compute.warm()
    before = compute._observation.cache_info().misses
    for cell in Experiment().cells:
        compute.observation(Experiment(), cell)
    assert compute._observation.cache_info().misses == before
