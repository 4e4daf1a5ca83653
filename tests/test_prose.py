"""Numbers and lists as a sentence has them."""

import pytest

from rnnviz.prose import listed, written


@pytest.mark.parametrize(
    ("words", "text"),
    [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")],
)
def test_lists(words: tuple[str, ...], text: str) -> None:
    assert listed(words) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.4821, "0.482"), (12.34, "12.3"), (1234, "1234"), (4.12e-12, "4.1 × 10⁻¹²")],
)
def test_numbers(value: float, text: str) -> None:
    assert written(value) == text
