"""The settings of the page of attention: every widget, both ends, and what a manipulated browser sends."""

import pytest
from attenders import store
from visitor import Visitor

from rnnviz.attention import PairConfig, PoolConfig
from rnnviz.attention.config import PAIR_FIELD, POOL_FIELD

__all__ = ["store"]

NUMBERS = {
    "pooling": ("length", "hidden", "updates", "seed"),
    "pairs": ("length", "hidden", "updates", "seed"),
}
LETTER = {"pooling": "p_", "pairs": "q_"}


def chosen(visitor: Visitor, part: str) -> PoolConfig | PairConfig:
    return visitor.session.pool if part == "pooling" else visitor.session.pair


@pytest.mark.parametrize("part", ["pooling", "pairs"])
def test_numbers_to_both_ends(part: str) -> None:
    visitor = Visitor("attention", look=part)
    table = POOL_FIELD if part == "pooling" else PAIR_FIELD
    for name in NUMBERS[part]:
        field = table[name]
        for value in (field.minimum, field.maximum):
            visitor.app.number_input(key=f"{LETTER[part]}{name}").set_value(value)
            visitor.run()
            assert getattr(chosen(visitor, part), name) == value
    again = Visitor("attention", **visitor.address)
    assert chosen(again, part) == chosen(visitor, part)


def test_choices_of_pooling() -> None:
    visitor = Visitor("attention")
    for name in ("task", "cell"):
        for value in POOL_FIELD[name].values:
            visitor.app.selectbox(key=f"p_{name}").set_value(value)
            assert getattr(visitor.run().session.pool, name) == value
    visitor.app.selectbox(key="p_rate").set_value("0.02")
    assert visitor.run().session.pool.rate == 0.02
    visitor.forge("p_rate", "string_value", "7")
    assert visitor.session.pool.rate == 0.1
    assert any("Learning rate must be from" in caption.value for caption in visitor.app.caption)


def test_choices_of_pairs() -> None:
    visitor = Visitor("attention", look="pairs")
    for name in ("task", "encoder"):
        for value in PAIR_FIELD[name].values:
            visitor.app.selectbox(key=f"q_{name}").set_value(value)
            assert getattr(visitor.run().session.pair, name) == value
    assert visitor.session.pair.encoder == "positions"
    assert visitor.app.toggle(key="q_both").disabled
    visitor.app.selectbox(key="q_encoder").set_value("lstm")
    visitor.run()
    visitor._touch(visitor.app.toggle(key="q_both").set_value(True))
    assert visitor.session.pair.both


def pick(visitor: Visitor, *values: str) -> Visitor:
    (row,) = [group for group in visitor.app.get("button_group") if group.key == "q_contexts"]
    return visitor._touch(row.set_value(list(values)))


def test_contexts_keep_their_order_are_four_at_most_and_one_at_least() -> None:
    visitor = Visitor("attention", look="pairs")
    assert visitor.session.pair.contexts == ("bahdanau", "last")
    assert pick(visitor, "dot", "last").session.pair.contexts == ("last", "dot")
    pick(visitor, *PAIR_FIELD["contexts"].values)
    assert visitor.session.pair.contexts == ("last", "dot", "bahdanau", "general")
    assert any("At most 4 contexts" in caption.value for caption in visitor.app.caption)
    pick(visitor)
    assert visitor.session.pair.contexts == ("last", "dot", "bahdanau", "general")
    assert any("One context at least" in caption.value for caption in visitor.app.caption)


def test_back_to_how_the_settings_were() -> None:
    visitor = Visitor("attention", find="largest", rounds="30", pair="sort")
    visitor.click("Reset settings")
    assert (visitor.session.pool, visitor.session.pair.task) == (PoolConfig(), "sort")
    assert visitor.app.selectbox(key="p_task").value == "keyword"
    visitor.press("attend", "pairs").click("Reset settings")
    assert visitor.session.pair == PairConfig()
    assert visitor.app.selectbox(key="q_task").value == "reverse"


@pytest.mark.parametrize(
    ("link", "name", "value"),
    [
        ({"find": "<b>"}, "task", "keyword"),
        ({"steps": "9999"}, "length", 60),
        ({"rounds": "x"}, "updates", 800),
        ({"pace": "nan"}, "rate", 0.01),
        ({"reader": "mingru"}, "cell", "lstm"),
    ],
)
def test_a_bad_link_gives_the_nearest_legal_value_and_says_so(
    link: dict[str, str], name: str, value: object
) -> None:
    visitor = Visitor("attention", **link)
    assert getattr(visitor.session.pool, name) == value
    assert len(visitor.app.toast) == 1


def test_what_a_manipulated_browser_sends_changes_nothing_illegal() -> None:
    visitor = Visitor("attention")
    visitor.forge("p_hidden", "double_value", 1e9)
    assert 4 <= visitor.session.pool.hidden <= 128
    visitor.forge("p_task", "string_value", "<script>")
    assert visitor.session.pool.task == "keyword"


def test_the_length_of_dates_is_their_own() -> None:
    visitor = Visitor("attention", look="pairs", pair="dates")
    assert visitor.app.number_input(key="q_length").disabled
    assert not visitor.app.number_input(key="q_hidden").disabled
    assert not Visitor("attention", look="pairs").app.number_input(key="q_length").disabled
