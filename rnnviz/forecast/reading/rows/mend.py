"""Mend: values that the separator itself broke in two, because numbers are written with it as well (10,50 in a CSV)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import median

from rnnviz.forecast.reading import vocabulary

Groups = tuple[tuple[int, ...], ...]
"""For each name the columns that hold its value: one, or two that belong together."""

_WHOLE = re.compile(r"[+\-]?[^\w\s.,]?\s?\d{1,9}")
_REST = re.compile(r"\d{1,8}\s?[%KMBT]?|\d{3}\.\d+[KMBT%]?")
_MONTH_DAY = re.compile(r"[^\W\d_]{3,10}\.? \d{1,2}")
_YEAR = re.compile(r"\d{4}(?:\s+\d{1,2}:.*)?")
_NO_PRICE = re.compile(r"vol|change|chg|%|turnover|trades|count|ticker|symbol|成交|거래|出来高", re.I)
_MOST_NAMES = 16
_MOST_WAYS = 200


def groups(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Groups | None:
    """Which columns of ``rows`` belong to which name, where there are more columns than names; None if it stays open.

    Two columns may be one value if they look so in all rows. Of several ways the one is taken in which volumes are
    whole numbers, and then the one in which the prices of a row lie close together.
    """
    width = len(rows[0])
    missing = width - len(names)
    if not 0 < missing <= len(names) <= _MOST_NAMES:
        return None
    pairs = [_pair(rows, column, names[0]) for column in range(width - 1)]
    found = [way for way in _ways(len(names), width, pairs, 0) if _dates_whole(way, rows)][:_MOST_WAYS]
    whole = [
        way
        for way in found
        if all(len(way[i]) == 1 for i, name in enumerate(names) if _NO_PRICE.search(name))
    ]
    found = whole or found
    if len(found) < 2:
        return found[0] if found else None
    spreads = sorted((_spread(way, names, rows), way) for way in found)
    return spreads[0][1] if spreads[0][0] < 2 and spreads[1][0] > 1.2 * spreads[0][0] else None


def _ways(names: int, width: int, pairs: list[bool], column: int) -> Iterator[Groups]:
    if names == 0:
        if column == width:
            yield ()
        return
    if names > width - column or 2 * names < width - column:
        return
    for rest in _ways(names - 1, width, pairs, column + 1):
        yield ((column,), *rest)
    if column + 1 < width and pairs[column]:
        for rest in _ways(names - 1, width, pairs, column + 2):
            yield ((column, column + 1), *rest)


def _pair(rows: Sequence[Sequence[str]], column: int, first_name: str) -> bool:
    """Whether two neighbours look like one value in all rows."""
    cells = [(row[column], row[column + 1]) for row in rows]
    if column == 0 and vocabulary.is_date(first_name):
        return all(_MONTH_DAY.fullmatch(first) and _YEAR.fullmatch(rest) for first, rest in cells)
    return all(_WHOLE.fullmatch(first) and _REST.fullmatch(rest) for first, rest in cells)


def _dates_whole(way: Groups, rows: Sequence[Sequence[str]]) -> bool:
    """A month and a day need the year beside them."""
    return len(way[0]) == 2 or not all(_MONTH_DAY.fullmatch(row[0]) for row in rows)


def _spread(way: Groups, names: Sequence[str], rows: Sequence[Sequence[str]]) -> float:
    """How far the prices of a row lie apart: the largest over the smallest, in the middle of all rows."""
    prices = [way[i] for i in range(1, len(names)) if not _NO_PRICE.search(names[i])]
    ratios = []
    for row in rows[:50]:
        values = [_number(".".join(row[column] for column in group)) for group in prices]
        positive = [value for value in values if value > 0]
        if len(positive) > 1:
            ratios.append(max(positive) / min(positive))
    return median(ratios) if ratios else float("inf")


def _number(text: str) -> float:
    try:
        return float(re.sub(r"[^\d.]", "", text))
    except ValueError:
        return 0.0
