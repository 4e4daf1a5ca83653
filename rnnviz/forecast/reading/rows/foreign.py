"""Foreign: files that are no table of text, told by how they begin, and what to do about each."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from rnnviz.forecast.errors import TableError
from rnnviz.typed import cleaned

_WORKBOOK = "an Excel workbook", "save the sheet as CSV"
_PACKED = "a packed file", "unpack it and choose the CSV in it"
_PICTURE = "choose the CSV that the picture was made from"
_DATA = "export it as CSV"

_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG", "a picture (PNG)", _PICTURE),
    (b"\xff\xd8\xff", "a picture (JPEG)", _PICTURE),
    (b"GIF8", "a picture (GIF)", _PICTURE),
    (b"II*\0", "a picture (TIFF)", _PICTURE),
    (b"MM\0*", "a picture (TIFF)", _PICTURE),
    (b"RIFF", "a picture or a recording (RIFF)", _PICTURE),
    (b"\xd0\xcf\x11\xe0", *_WORKBOOK),
    (b"\t\x08\x10\0\0\x06", *_WORKBOOK),
    (b"%PDF", "a PDF document", "copy its table to a spreadsheet and save that as CSV"),
    (b"{\\rtf", "an RTF document", "save it as plain text"),
    (b"PAR1", "a Parquet file", _DATA),
    (b"ARROW1", "an Arrow file", _DATA),
    (b"FEA1", "a Feather file", _DATA),
    (b"\x89HDF", "an HDF5 file", _DATA),
    (b"SQLite format 3\0", "an SQLite database", _DATA),
    (b"\x93NUMPY", "a NumPy array", _DATA),
    (b"\x1f\x8b", *_PACKED),
    (b"PK\x03\x04", *_PACKED),
    (b"BZh", *_PACKED),
    (b"\xfd7zXZ\0", *_PACKED),
    (b"7z\xbc\xaf", *_PACKED),
    (b"Rar!\x1a", *_PACKED),
    (b"\x28\xb5\x2f\xfd", *_PACKED),
    (b"\x7fELF", "a program", "choose a CSV file"),
)

_HTML = re.compile(r"<(?:!doctype|html|head|body|table|div|meta|script\b[^,;]*\n)", re.I)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.I | re.S)
_JSON = re.compile(r'(?:\{\s*(?:"|\})|\[\s*(?:[{\["\]]|-?\d+(?:\.\d+)?\s*,))')
_CONTROL = re.compile("[\0-\x08\x0e-\x1f\x7f]")
_MESSAGES = frozenset(
    {"note", "information", "error message", "error", "message", "detail", "description", "msg"}
)


def refuse(data: bytes) -> None:
    """Raise ``TableError`` with one sentence for a picture, a workbook, a packed file and the like."""
    for beginning, what, remedy in _BEGINNINGS:
        if data.startswith(beginning):
            raise TableError(f"expected a CSV file, got {what}; {remedy}")
    if data[257:262] == b"ustar":
        raise TableError(f"expected a CSV file, got {_PACKED[0]} (tar); {_PACKED[1]}")


def refuse_markup(text: str) -> None:
    """Raise ``TableError`` with one sentence for a web page, XML, or an answer in JSON; what it says is quoted."""
    head = text[:4096].lstrip()
    while head.startswith("<!--"):
        head = head.partition("-->")[2].lstrip()
    if _HTML.match(head):
        title = _TITLE.search(text[:8192])
        named = _said(unescape(title[1])) if title else ""
        raise TableError(
            f"expected a CSV file, got a web page{named}; download the data itself, or save the table as CSV"
        )
    if head[:5].lower() == "<?xml":
        raise TableError("expected a CSV file, got XML; open it in a spreadsheet and save the sheet as CSV")
    if _JSON.match(head) and (json := _as_json(text[:1_000_000])) is not None:
        raise TableError(
            f"expected a CSV file, got JSON{_said(_message(json))}; ask the provider for CSV, or try again later"
        )


def readable(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without control characters, and a sentence where there were any. Raises ``TableError`` for noise."""
    plain = _CONTROL.sub("", text)
    count = len(text) - len(plain)
    if not count:
        return text, ()
    if 50 * count > len(text):
        raise TableError("expected a CSV file, got one that is not text; export the data as CSV")
    marks = f"{count:,} control characters" if count > 1 else "A control character"
    return plain, (f"{marks} that no text has (NUL and the like) left out.",)


def _as_json(text: str) -> Any | None:
    """What the text says as JSON; the text itself where it only begins so (cut off, too long, a value a line)."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        first = text.lstrip().partition("\n")[0].rstrip().rstrip(",")
        return text if first[:1] == "{" or first[:2] in ("[", "[[", "[{") or first[-1:] == "]" else None


def _message(found: Any, depth: int = 4) -> str:
    """What the provider of an API says to the person: a limit passed, a key missing."""
    if not isinstance(found, dict) or not depth:
        return ""
    for key in found:
        if isinstance(found[key], str) and str(key).lower() in _MESSAGES:
            return str(found[key])
    return next((said for value in found.values() if (said := _message(value, depth - 1))), "")


def _said(text: str) -> str:
    """In brackets and quotes, on one line, at most 120 characters."""
    text = cleaned(re.sub(r"\s+", " ", text[:1000])).strip()
    return f' ("{text if len(text) <= 120 else text[:119] + "…"}")' if text else ""
