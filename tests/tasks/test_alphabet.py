import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.tasks.alphabet import MOST, REPLACEMENT, alphabet_of, cleaned, indices, known


@pytest.mark.parametrize(
    ("text", "expected", "note"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd", "Line ends"),
        ("\ufeffab", "ab", "byte order mark"),
        ("e\u0301", "\u00e9", "joined"),
        ("a\x00b", f"a{REPLACEMENT}b", f"1 of 3 characters cannot be shown and is read as {REPLACEMENT}."),
        ("\ud800\u202ea", f"{REPLACEMENT}{REPLACEMENT}a", "2 of 3 characters cannot be shown and are read"),
        ("a\ufeffb", f"a{REPLACEMENT}b", "1 of 3 characters"),
    ],
)
def test_cleaning_says_what_it_did(text, expected, note):
    clean, notes = cleaned(text)
    assert clean == expected
    assert len(notes) == 1
    assert note in notes[0]
    assert notes[0].endswith(".")


@pytest.mark.parametrize("text", ["a\tb\nc", "q\u0307", "👩\u200d🔬", "می\u200cخواهم", "a" + REPLACEMENT, ""])
def test_what_can_be_read_stays(text):
    assert cleaned(text) == (text, ())


@given(st.text(st.characters(codec=None), max_size=60))
def test_cleaning_twice_is_cleaning_once(text):
    clean, _ = cleaned(text)
    assert cleaned(clean)[0] == clean
    clean.encode("utf-8")
    assert alphabet_of(clean)[-1] == REPLACEMENT
    assert known(text, alphabet_of(clean))[0] == clean  # short texts keep all their letters


def test_letters_by_code_point_the_replacement_sign_last():
    assert alphabet_of("banana!\n" + REPLACEMENT) == ("\n", "!", "a", "b", "n", REPLACEMENT)
    assert indices("ban" + REPLACEMENT, alphabet_of("banana")) == [1, 0, 2, 3]


def test_the_rarest_letters_are_left_out_and_counted():
    often = "".join(chr(1000 + place) for place in range(MOST - 2)) * 3
    text = often + "zzyyx"
    alphabet = alphabet_of(text)
    assert len(alphabet) == MOST
    assert "y" in alphabet  # as often as z, but with the lower code point
    assert not {"z", "x"} & set(alphabet)
    read, notes = known(text, alphabet)
    assert read == often + REPLACEMENT * 2 + "yy" + REPLACEMENT
    total = len(text)
    assert notes == (f"3 of {total} characters are not in the alphabet and are read as {REPLACEMENT}.",)
    assert len(alphabet_of(often + "z")) == MOST
    assert known(often + "z", alphabet_of(often + "z"))[1] == ()


def test_an_alphabet_without_a_replacement_sign_is_refused():
    for wrong in ((), ("a", "b"), (REPLACEMENT, "a")):
        with pytest.raises(ValueError, match="ends in the replacement sign"):
            known("ab", wrong)
