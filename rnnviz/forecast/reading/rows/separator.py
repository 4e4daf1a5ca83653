"""Separator: what parts the values of a line, by evidence over all lines."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

import numpy as np

from rnnviz.forecast.errors import TableError
from rnnviz.forecast.limits import COLUMNS, ROWS
from rnnviz.forecast.reading.rows import looks
from rnnviz.forecast.reading.rows.lines import UNIT, Flags, Lines, Places, Raw, parted, raw
from rnnviz.forecast.table import Guess
from rnnviz.typed import quoted

NAMES: dict[str, str] = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    " ": "blanks",
}
"""What parts values, each with its name."""

_PLURAL = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}
_WIDE = {"，": ",", "；": ";", "｜": "|"}
_SAID = re.compile(r'\ufeff?\s*"?sep=(.)"?[,;\t|]*\s*(?:[\r\n]|\Z)', re.I)
_SINGLE = re.compile(r"(?:^|[,;\t|]) ?'[^'\n]*'(?= ?(?:[,;\t|]|$))", re.M)
_WIDEST = 10_000
_SAMPLE = 200
_POOR = 0.3


@dataclass(frozen=True, eq=False)
class Parted:
    """Lines with their values parted by ``mark``, as a person sees it; ``width`` is how many values most lines have."""

    lines: Lines
    mark: str
    width: int
    odd: Flags
    guess: Guess
    report: tuple[str, ...]


def part(text: str, delimiter: str | None = None) -> Parted:
    """The values of all lines. ``delimiter`` overrules what the text says. Raises ``TableError`` for an unfit one."""
    if not text.isascii() and '"' not in text and any(mark in text for mark in "“”„＂"):
        text = text.translate(_CURLY)
    quote = "'" if '"' not in text and len(_SINGLE.findall(text[:20_000])) > 10 else '"'
    if text.count("\n") + text.count("\r") > 2.5 * ROWS:
        raise TableError(f"expected at most {ROWS:,} rows, got many more lines; keep the most recent ones")
    report: tuple[str, ...] = ()
    sure = True
    if delimiter is not None:
        source, mark = _as_chosen(text, delimiter, quote)
    else:
        source = raw(text, quote)
        scores = _scores(source)
        if max(scores.values()) < _POOR and quote == '"' and (plain := _unwrapped(text)):
            bare = raw(plain, quote)
            if max((better := _scores(bare)).values()) > max(scores.values()):
                text, source, scores = plain, bare, better
                report = ("Each line stands in quotes as a whole; they were taken off.",)
        said = _SAID.match(text[:200])
        mark = max(scores, key=lambda name: scores[name])
        if said and scores.get(said[1], 0) > 0:
            mark = said[1]
        elif scores[mark] < _POOR:
            source, mark = _seldom(text, quote, source, mark, scores[mark])
        sure = scores.get(mark, 1) > 0.5
    byte = UNIT if mark == " " or not mark.isascii() else ord(mark)
    width, _ = usual(_whole(source, byte))
    if width > 1:
        said_so = ", as chosen" if delimiter is not None else ""
        report += (f"Values are separated by {_PLURAL.get(mark, quoted(mark))}{said_so}.",)
    choices = dict.fromkeys([mark, *NAMES])
    guess = Guess(
        "delimiter", "Separator", mark, tuple((name, NAMES.get(name, name)) for name in choices), sure
    )
    lines = parted(source, byte, width)
    return Parted(lines, mark, width, _open(source, lines), guess, report)


def _open(source: Raw, lines: Lines) -> Flags:
    """The lines of the file with a quote that does not close, but those whose quotes close in a later line."""
    odd = source.odd.copy()
    inner = np.delete(np.arange(len(odd)), lines.numbers - 1)
    odd[inner] = odd[inner - 1] = False
    return odd


_CURLY = str.maketrans("“”„＂", '""""')


def _whole(source: Raw, mark: int) -> Places:
    """How many values the lines have whose quotes close; all lines where none of these has two."""
    widths = source.values(mark)
    whole = widths[~source.odd]
    return whole if (whole > 1).any() else widths


def usual(widths: Places) -> tuple[int, float]:
    """The commonest number of values above one, and the share of lines that have it; (1, 0.0) where none has two."""
    counts = np.bincount(np.minimum(widths, _WIDEST))
    counts[:2] = 0
    best = len(counts) - 1 - int(counts[::-1].argmax()) if len(counts) > 2 else 0  # the wider one of two
    if not best or not counts[best]:
        return 1, 0.0
    if best == _WIDEST:
        return int(widths.max()), 1.0
    return best, float(counts[best] / len(widths))


def _scores(source: Raw) -> dict[str, float]:
    return {mark: _score(source, mark) for mark in NAMES if mark != " "}


def _score(source: Raw, mark: str) -> float:
    """The share of lines that agree on the number of values, times the share of values that look like values."""
    byte = UNIT if mark == " " else ord(mark)
    widths = source.values(byte)
    filled = source.ends > source.starts
    width, _ = usual(_whole(source, byte))
    if width < 2 or width > COLUMNS or not filled.any():
        return 0.0 if width < 2 else 0.02
    agree = np.flatnonzero(widths == width)
    share = len(agree) / np.count_nonzero(filled)
    few = agree[np.linspace(0, len(agree) - 1, min(len(agree), _SAMPLE, max(5, 20_000 // width)), dtype=int)]
    clean = total = 0
    for line in few:
        text = source.data[source.starts[line] : source.ends[line]].tobytes().decode("utf-8", "replace")
        cells = [cell.strip() for cell in _split(text, chr(byte), chr(source.quote))]
        clean += sum(looks.value(cell) for cell in cells)
        total += sum(not looks.missing(cell) for cell in cells)
    return float(share * (0.02 + clean / max(total, 1)))


def _split(text: str, mark: str, quote: str) -> list[str]:
    if quote == "\0" or quote not in text:
        return text.split(mark)
    try:
        return next(csv.reader([text], delimiter=mark, quotechar=quote), [])
    except csv.Error:
        return text.split(mark)


def _seldom(text: str, quote: str, source: Raw, mark: str, score: float) -> tuple[Raw, str]:
    """Blanks, rare marks, or the wide ones of East Asian keyboards; what there was if none does better."""
    blanks = _by_blanks(text, quote)
    for rare in "^~#!":
        if rare in text and (better := _score(source, rare)) > max(score, _POOR):
            mark, score = rare, better
    if (blank := _score(blanks, " ")) > score:
        source, mark, score = blanks, " ", blank
    for wide, narrow in _WIDE.items():
        if wide in text:
            other = raw(text.replace(wide, narrow), quote)
            if (better := _score(other, narrow)) > score:
                source, mark, score = other, narrow, better
    return source, mark


def _unwrapped(text: str) -> str:
    """The text without the quotes around its lines, which programs put there that took a line for one value."""
    lines = text.replace("\r", "\n").split("\n")
    wrapped = [len(line) > 2 and line[0] == '"' == line.rstrip(",;\t ")[-1:] for line in lines]
    if 10 * sum(wrapped) < 8 * sum(map(bool, lines)):
        return ""
    bare = [
        line.rstrip(",;\t ")[1:-1].replace('""', '"') if whole else line
        for line, whole in zip(lines, wrapped, strict=True)
    ]
    return "\n".join(bare)


def _by_blanks(text: str, quote: str) -> Raw:
    """Runs of blanks part values; two or more where names hold single ones and the values agree."""
    if not any(odd in text for odd in ("  ", "\t", "\n ", " \n", " \r", '"')):
        return raw(text.strip(" ").replace(" ", "\x1f"), quote)
    text = re.sub(r"(?m)^[ \t]+|(?<![ \t])[ \t]+$", "", text)
    found = []
    for runs in (r"[ \t]+", r"[ \t]{2,}"):
        if '"' in text:
            parts = re.sub(rf'("[^"\n]*")|{runs}', lambda hit: hit[1] or "\x1f", text)
        else:
            parts = re.sub(runs, "\x1f", text)
        found.append(raw(parts, quote))
    shares = [usual(lines.values(UNIT))[1] for lines in found]
    return found[1] if shares[1] > shares[0] else found[0]


def _as_chosen(text: str, delimiter: str, quote: str) -> tuple[Raw, str]:
    if len(delimiter) != 1 or delimiter.isalnum() or delimiter in '"\n\r\0':
        raise TableError(
            f"expected one mark that separates values, such as a comma, got {quoted(delimiter)}; choose another one"
        )
    if delimiter == " ":
        return _by_blanks(text, quote), delimiter
    if not delimiter.isascii():
        return raw(text.replace(delimiter, "\x1f"), quote), delimiter
    return raw(text, "" if delimiter == quote else quote), delimiter
