"""A text of one's own: from the bytes of a file, or as it was typed, to characters that can be learned."""

from __future__ import annotations

import re

from rnnviz.race import LONGEST_TEXT

LARGEST_FILE = 4 * LONGEST_TEXT
"""Bytes of the largest file that is read; UTF-8 takes four at most for a character."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file, and a sentence on what was done to it, or "".

    UTF-8, UTF-16 with its mark, else Windows-1252, which is said. Raises ``ValueError``, with a sentence for the
    reader, for a file that is too large or no text.
    """
    if len(content) > LARGEST_FILE:
        raise ValueError(
            f"The file is larger than {LARGEST_FILE // 1000:,} kB: cut it to the part to be learned."
        )
    coding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    said = ""
    try:
        text = content.decode(coding)
    except UnicodeDecodeError:
        if b"\x00" in content:
            raise ValueError("This is no text file: upload one that is saved as plain text.") from None
        text = content.decode("cp1252", errors="replace")
        said = "The file is not UTF-8: it was read as Windows-1252."
    if "\x00" in text:
        raise ValueError("This is no text file: upload one that is saved as plain text.")
    text, note = clean(text)
    return text, " ".join(part for part in (said, note) if part)


def clean(text: str) -> tuple[str, str]:
    """The text with plain line ends, without control characters and not too long; and what was done, or ""."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = _CONTROL.sub("", plain)
    notes = []
    if len(kept) < len(plain):
        notes.append(f"{len(plain) - len(kept):,} control characters were taken out.")
    if len(kept) > LONGEST_TEXT:
        notes.append(f"Only the first {LONGEST_TEXT:,} characters are used.")
    return kept[:LONGEST_TEXT], " ".join(notes)
