from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz import fields
from rnnviz.fields import Field
from rnnviz.typed import LARGEST_NUMBER, parse_numbers

SHOW = (("norm", "Norm"), ("signed", "Signed"))
TABLE = (
    Field("present", "present", "Projector", "", "flag", False),
    Field("unit", "unit", "Unit", "", "optional_int", 3, 0, 9, unset_label="all"),
    Field("show", "show", "Show", "", "choice", "norm", choices=SHOW),
    Field("power", "power", "Power", "", "float", 2.0, 0.5, 4, when=("show", "norm")),
)


@dataclass(frozen=True)
class View:
    """Another small table: what the app's own settings are made of."""

    present: bool = False
    unit: int | None = 3
    show: str = "norm"
    power: float = 2.0


def test_round_trip_of_another_dataclass():
    view = View(present=True, unit=None, show="norm", power=0.75)
    written = fields.format(TABLE, view)
    assert written == {"present": "1", "unit": "none", "show": "norm", "power": "0.75"}
    values, notes = fields.parse(TABLE, written)
    assert View(**values) == view
    assert notes == []


def test_defaults_can_be_left_out():
    assert fields.format(TABLE, View(), omit_defaults=True) == {}
    assert fields.format(TABLE, View(unit=None), omit_defaults=True) == {"unit": "none"}
    assert fields.parse(TABLE, {})[0] == {"present": False, "unit": 3, "show": "norm", "power": 2.0}


def test_settings_out_of_play_are_neither_written_nor_read():
    assert "power" not in fields.format(TABLE, View(show="signed", power=3.0))
    values, notes = fields.parse(TABLE, {"show": "signed", "power": "a lot"})
    assert values["power"] == 2.0
    assert notes == []
    assert fields.validate(TABLE, View(show="signed", power=99.0))["power"] == 2.0


@pytest.mark.parametrize(
    ("params", "name", "value", "note"),
    [
        (
            {"unit": "12"},
            "unit",
            9,
            "unit must be a whole number from 0 to 9; the link said 12, so 9 is used.",
        ),
        (
            {"unit": "2.6"},
            "unit",
            3,
            "unit must be a whole number from 0 to 9; the link said 2.6, so 3 is used.",
        ),
        ({"power": "nan"}, "power", 2.0, 'power must be from 0.5 to 4; the link said "nan", so 2 is used.'),
        (
            {"power": "-1e999"},
            "power",
            0.5,
            "power must be from 0.5 to 4; the link said -1e999, so 0.5 is used.",
        ),
        (
            {"show": "x"},
            "show",
            "norm",
            'show must be one of norm, signed; the link said "x", so norm is used.',
        ),
        ({"present": ""}, "present", False, "present must be 1 or 0; the link said nothing, so 0 is used."),
    ],
)
def test_corrections_are_named(params, name, value, note):
    values, notes = fields.parse(TABLE, params)
    assert values[name] == value
    assert notes == [note]


@pytest.mark.parametrize("params", [{"unit": " 5 "}, {"unit": "5.0"}, {"unit": "+5"}, {"unit": ["1", "5"]}])
def test_harmless_spellings_pass_without_a_note(params):
    values, notes = fields.parse(TABLE, params)
    assert values["unit"] == 5
    assert notes == []


def test_validate_refuses_what_parse_corrects():
    for wrong in (View(unit=12), View(power=float("nan")), View(show="x"), View(unit=True), View(present=1)):
        with pytest.raises(ValueError, match=r"must be .*; got"):
            fields.validate(TABLE, wrong)
    power = fields.validate(TABLE, View(power=3))["power"]
    assert isinstance(power, float)


def test_labels():
    assert TABLE[2].label_of("signed") == "Signed"
    with pytest.raises(ValueError, match="show must be one of norm, signed; got 'loud'"):
        TABLE[2].label_of("loud")


def test_numbers_with_every_separator():
    numbers, notes = parse_numbers("1, 2.5;-3e2\n\t+.5 \u22127")
    assert numbers == (1.0, 2.5, -300.0, 0.5, -7.0)
    assert notes == []


def test_numbers_name_what_they_leave_out():
    numbers, notes = parse_numbers("1 two 3 1e999 nan inf 0x10 \u0663 1_000")
    assert numbers == (1.0, 3.0)
    assert notes == [
        'Not read as numbers and left out: "two", "nan", "inf" and 3 more.',
        "Larger than 1e30 and left out: 1e999.",
    ]


def test_numbers_too_few_and_too_many():
    assert parse_numbers("7") == ((7.0,), ["At least 2 numbers are needed, and 1 could be read."])
    numbers, notes = parse_numbers("1 " * 812)
    assert len(numbers) == 500
    assert notes == ["Only the first 500 of 812 numbers are used."]
    numbers, notes = parse_numbers("1" * 10**6)
    assert len(notes) == 3  # cut, too large, too few


@given(st.text(max_size=300))
@settings(derandomize=True, max_examples=200)
def test_numbers_never_raise(text):
    numbers, notes = parse_numbers(text)
    assert len(numbers) >= 2 or notes
    assert all(abs(number) <= LARGEST_NUMBER for number in numbers)
