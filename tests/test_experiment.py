import dataclasses
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.experiment import FIELD, FIELDS, Experiment
from rnnviz.registry import CELLS

ALPHABET = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"))
experiments = st.fixed_dictionaries(
    {
        "cells": st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=6, unique=True).map(tuple),
        "length": st.integers(2, 500),
        "hidden": st.integers(1, 128),
        "scale": st.floats(0, 4),
        "forget": st.none() | st.floats(-3, 6),
        "init": st.sampled_from(FIELD["init"].values),
        "signal": st.sampled_from(FIELD["signal"].values),
        "text": st.text(ALPHABET, min_size=2, max_size=200),
        "numbers": st.lists(st.floats(-1e30, 1e30), min_size=2, max_size=20).map(
            lambda v: " ".join(map(repr, v))
        ),
        "loss": st.none() | st.integers(1, 500),
        "seed": st.integers(0, 9999),
    }
)
hostile = st.sampled_from(
    [
        "",
        " ",
        "nan",
        "-inf",
        "1e999",
        "9" * 5000,
        "\u0663",
        "1_0",
        "0x9",
        "\x00",
        "\ud800",
        "<script>",
        "lstm,,",
        "-0",
    ]
)


@given(experiments)
@settings(derandomize=True, max_examples=200, deadline=None)
def test_link_round_trip_is_exact(settings):
    experiment = Experiment(**settings)
    query = experiment.to_query()
    assert all(isinstance(value, str) for value in query.values())
    assert Experiment.from_query(query)[0] == experiment
    assert hash(Experiment.from_query(query)[0]) == hash(experiment)


@given(st.dictionaries(st.sampled_from([f.query for f in FIELDS]) | st.text(max_size=5), st.text() | hostile))
@settings(derandomize=True, max_examples=300, deadline=None)
def test_any_link_ends_in_a_legal_experiment(params):
    experiment, notes = Experiment.from_query(params)
    assert dataclasses.replace(experiment) == experiment  # validates again
    for note in notes:
        assert note.endswith(".")
        assert "\n" not in note
        assert len(note) < 400
    again, no_notes = Experiment.from_query(experiment.to_query())
    assert again == experiment
    assert not [note for note in no_notes if "loss was put" not in note]


def test_the_defaults_of_table_and_dataclass_agree():
    assert {f.name: f.default for f in FIELDS} == {f.name: f.default for f in dataclasses.fields(Experiment)}
    assert Experiment.from_query({}) == (Experiment(), [])


def test_every_field_tells_the_reader_something():
    for field in FIELDS:
        assert field.label
        assert field.help.endswith(".")
        assert not field.optional or field.unset_label


def test_a_wrong_link_says_so():
    experiment, notes = Experiment.from_query({"length": "9999", "cell": "gru,nope", "seed": "4"})
    assert (experiment.length, experiment.cells, experiment.seed) == (500, ("gru",), 4)
    assert notes[1] == "length must be a whole number from 2 to 500; the link said 9999, so 500 is used."
    assert notes[0].endswith('the link said "gru,nope", so gru is used.')


def test_cells_keep_their_order_without_duplicates_and_at_most_six():
    assert Experiment.from_query({"cell": "GRU, lstm"})[0].cells == ("gru", "lstm")
    assert Experiment.from_query({"cell": "rnn,rnn,lstm"})[0].cells == ("rnn", "lstm")
    assert Experiment.from_query({"cell": ",".join(CELLS)})[0].cells == tuple(CELLS)[:6]


def test_typed_signals_bring_their_own_length():
    assert Experiment(length=80).steps == 80
    assert Experiment(signal="text", text="hällo").steps == 5
    assert Experiment(signal="numbers", numbers="1 2 3,4").steps == 4


def test_the_loss_is_counted_from_one_and_clamped():
    assert Experiment(length=60).loss_index == 59
    assert Experiment(length=60, loss=1).loss_index == 0
    assert Experiment(length=60, loss=100).loss_index == 59
    assert Experiment.from_query({"length": "60", "loss": "100"})[1] == [
        "The loss was put at step 100, but there are 60 steps: it is on the last one."
    ]


def test_control_characters_are_removed_with_a_note():
    experiment, notes = Experiment.from_query({"signal": "text", "text": "ab\x00c\u202ed\n"})
    assert experiment.text == "abcd"
    assert notes == ["Control characters were taken out of text."]


def test_a_long_text_is_cut_with_a_note():
    experiment, notes = Experiment.from_query({"signal": "text", "text": "ab" * 300})
    assert experiment.text == "ab" * 100
    assert notes == ["Only the first 200 characters of text are used."]


def test_a_text_too_short_gives_the_default():
    experiment, notes = Experiment.from_query({"signal": "text", "text": "x"})
    assert experiment.text == "hello world"
    assert notes[0].endswith('the link said "x", so hello world is used.')


def test_what_does_not_count_is_no_part_of_the_key():
    assert Experiment(text="other") == Experiment()
    assert "text" not in Experiment().to_query()
    assert Experiment(signal="text", text="other").to_query()["text"] == "other"


@pytest.mark.parametrize(
    "wrong",
    [
        {"cells": ()},
        {"cells": ("lstm", "lstm")},
        {"cells": ("nope",)},
        {"length": 1},
        {"length": True},
        {"hidden": 129},
        {"scale": float("nan")},
        {"forget": 6.5},
        {"init": "zeros"},
        {"signal": "text", "text": "x"},
        {"signal": "text", "text": "a\x00b"},
        {"signal": "numbers", "numbers": "1, two"},
        {"loss": 0},
        {"seed": -1},
    ],
)
def test_illegal_values_are_refused(wrong):
    with pytest.raises(ValueError, match=r"must be .*; got"):
        Experiment(**wrong)
    with pytest.raises(ValueError, match="must be"):
        dataclasses.replace(Experiment(), **wrong)


def test_a_whole_number_for_a_float_becomes_one():
    assert isinstance(Experiment(scale=2).scale, float)
    assert isinstance(Experiment(forget=1).forget, float)


def test_experiments_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Experiment().seed = 3


def test_forget_applies_to_the_lstm_family_only():
    assert Experiment(cells=("gru", "lstm_peephole")).has_forget
    assert not Experiment(cells=("gru", "rnn")).has_forget


def test_no_heavy_import():
    code = "import sys, rnnviz.experiment; print({'torch', 'numpy', 'pandas'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
