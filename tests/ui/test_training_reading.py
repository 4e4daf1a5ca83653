"""A text of one's own: what files and keyboards bring, and what becomes of it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.race import LONGEST_TEXT
from rnnviz.ui.training import reading


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Grüße, 你好\r\nzwei".encode(), "Grüße, 你好\nzwei"),
        ("\ufeffmark".encode(), "mark"),
        ("Grüße".encode("utf-16"), "Grüße"),
        (b"", ""),
    ],
)
def test_files_that_say_what_they_are(content: bytes, text: str) -> None:
    assert reading.decode(content) == (text, "")


def test_an_older_file_is_read_and_that_is_said() -> None:
    text, note = reading.decode("Größe – “so”".encode("cp1252"))
    assert text == "Größe – “so”"
    assert "Windows-1252" in note


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"text\x00text", b"\xff\xfe\x00\x00\x00\x00"]
)
def test_what_is_no_text_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(ValueError, match="no text file"):
        reading.decode(content)


def test_half_a_character_of_utf_16_is_no_text_of_utf_8() -> None:
    with pytest.raises(ValueError, match="no text file"):
        reading.decode("ab".encode("utf-16")[:-1])


def test_too_large_a_file_is_not_even_decoded() -> None:
    with pytest.raises(ValueError, match="larger than 800 kB"):
        reading.decode(b"a" * (reading.LARGEST_FILE + 1))


def test_a_long_text_is_cut_and_that_is_said() -> None:
    text, note = reading.clean("x" * (LONGEST_TEXT + 5))
    assert (len(text), note) == (LONGEST_TEXT, "Only the first 200,000 characters are used.")


@given(st.text())
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    once, _ = reading.clean(text)
    assert reading.clean(once) == (once, "")
    assert not any(char < " " and char not in "\n\t" for char in once)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(ValueError):
        text, _ = reading.decode(content)
        assert "\x00" not in text
        text.encode()
