"""Race: every legal value survives the link and the store, and no illegal one gets in."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz import fields
from rnnviz.race import EPOCHS, FIELDS, LONGEST_TEXT, OPTIMISERS, SHORTEST_TEXT, TASKS, VERSION, Race
from rnnviz.registry import CELLS

RACES = st.fixed_dictionaries(
    {
        "task": st.sampled_from([name for name, _ in TASKS]),
        "cells": st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=6, unique=True).map(tuple),
        "length": st.integers(4, 100),
        "hidden": st.integers(1, 128),
        "batch": st.integers(1, 128),
        "steps": st.integers(10, 5000),
        "optimiser": st.sampled_from([name for name, _ in OPTIMISERS]),
        "rate": st.floats(1e-5, 1),
        "clip": st.none() | st.floats(0.01, 100),
        "layernorm": st.booleans(),
        "residual": st.booleans(),
        "forget": st.none() | st.floats(-3, 6),
        "corpus": st.sampled_from(["shakespeare", "own"]),
        "seed": st.integers(0, 9999),
    }
)


@given(RACES)
def test_the_link_gives_the_race_back(chosen: dict[str, Any]) -> None:
    race = Race(**chosen)
    values, notes = fields.parse(FIELDS, race.to_query())
    assert notes == []
    assert Race(**values) == race


@given(RACES, st.text(max_size=300))
def test_the_store_gives_the_race_back(chosen: dict[str, Any], text: str) -> None:
    race = Race(**chosen, text=text)
    assert Race.from_spec(json.loads(json.dumps(race.to_spec()))) == race


def test_a_run_that_names_no_version_is_of_the_first_and_keeps_it() -> None:
    spec = Race().to_spec()
    assert Race.from_spec(spec).version == VERSION == 2
    old = Race.from_spec({name: value for name, value in spec.items() if name != "version"})
    assert (old.version, old != Race(), old.to_query()) == (1, True, {})
    assert Race.from_spec(old.to_spec()) == old
    for version in (0, VERSION + 1):
        with pytest.raises(ValueError, match=f"expected a version from 1 to {VERSION}, got {version}"):
            Race.from_spec(spec | {"version": version})
    with pytest.raises(ValueError, match="expected the settings of a run, got none"):
        Race.from_spec({})


@given(RACES)
def test_epochs_are_equal_parts_of_all_steps(chosen: dict[str, Any]) -> None:
    race = Race(**chosen)
    assert 1 <= race.epochs <= EPOCHS
    assert (race.epochs - 1) * race.per_epoch < race.steps <= race.epochs * race.per_epoch


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("task", "chess"),
        ("cells", ()),
        ("cells", ("lstm", "lstm")),
        ("length", 101),
        ("hidden", 0),
        ("batch", 129),
        ("steps", 5001),
        ("rate", float("nan")),
        ("clip", 0.0),
        ("seed", -1),
    ],
)
def test_illegal_values_are_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{field} must be"):
        replace(Race(), **{field: value})


def test_a_text_of_ones_own_is_bounded_and_named_while_it_is_missing() -> None:
    own = Race(task="text", corpus="own")
    assert str(SHORTEST_TEXT) in own.missing
    assert replace(own, text="a" * SHORTEST_TEXT).missing == ""
    assert Race().missing == ""
    with pytest.raises(ValueError, match=f"at most {LONGEST_TEXT:,} characters, got {LONGEST_TEXT + 1:,}"):
        replace(own, text="a" * (LONGEST_TEXT + 1))


def test_a_text_counts_only_where_it_is_read_and_never_stands_in_the_link() -> None:
    text = "secret " * 40
    assert Race(text=text).text == ""
    assert Race(task="text", text=text).text == ""
    own = Race(task="text", corpus="own", text=text)
    assert own.text == text
    assert "secret" not in "".join(own.to_query().values())


@pytest.mark.parametrize("value", ["", "a" * 16, "A-b_9" * 8])
def test_an_id_is_taken_as_it_is(value: str) -> None:
    field = fields.Field("run", "run", "Run", "", "id", "")
    assert fields.parse((field,), {"run": value}) == ({"run": value}, [])


@pytest.mark.parametrize(
    "value", ["short", "a" * 65, "<script>alert(1)</script>", "../../../etc/passwd", "ä" * 20]
)
def test_what_is_no_id_is_dropped_with_a_sentence(value: str) -> None:
    field = fields.Field("run", "run", "Run", "", "id", "")
    values, (note,) = fields.parse((field,), {"run": value})
    assert values == {"run": ""}
    assert note.startswith("run must be the id of a run")
    assert note.endswith("so none is used.")
