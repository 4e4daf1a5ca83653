"""Columns of text as Arrow arrays, in ordinary signs, so that whole columns are worked on at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_NO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u02d7\ufe58\ufe63", "-"),
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4`\u2032", "'"),
        **dict.fromkeys("\u066b", "."),
        **dict.fromkeys("\u066c\u060c\u3001", ","),
        **dict.fromkeys(_NO_WIDTH, ""),
    }
)
"""Dashes, apostrophes and marks of many scripts, and what has no width at all."""


def column(cells: pd.Series) -> pa.Array:
    """The cells in ordinary signs, trimmed; null where a cell is empty."""
    array = pa.array(cells, type=pa.large_string(), from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if not pc.all(pc.string_is_ascii(array), min_count=0).as_py():
        array = each(array, ordinary)
    array = pc.utf8_trim_whitespace(array)
    return pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.large_string()), array)


def ordinary(text: str) -> str:
    """Full-width and foreign digits as 0-9, dashes as "-", every blank as " "."""
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in text)


def each(array: pa.Array, change: Callable[[str], str | None]) -> pa.Array:
    """The array with ``change`` made to every cell, which is called once for every different one."""
    coded = array.dictionary_encode()
    changed = pa.array([change(text) for text in coded.dictionary.to_pylist()], type=pa.large_string())
    return changed.take(coded.indices)


def replaced(array: pa.Array, pattern: str, replacement: str) -> pa.Array:
    """The array with every match of the pattern replaced."""
    return pc.replace_substring_regex(array, pattern=pattern, replacement=replacement)


def matches(array: pa.Array, pattern: str) -> np.ndarray:
    """Where the pattern matches; nowhere where a cell is empty."""
    return truth(pc.match_substring_regex(array, pattern=pattern))


def contains(array: pa.Array, text: str) -> bool:
    """Whether any cell has the text in it."""
    return bool(pc.any(pc.match_substring(array, pattern=text), min_count=0).as_py())


def truth(array: pa.Array) -> np.ndarray:
    """A boolean array as numpy's, False where it is null."""
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), bool)


def present(array: pa.Array) -> np.ndarray:
    """Where a cell holds anything."""
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), bool)


def whole(array: pa.Array) -> np.ndarray:
    """Digits as int64, -1 where there are none."""
    array = pc.if_else(pc.equal(array, ""), pa.scalar(None, array.type), array)
    return np.asarray(pc.fill_null(pc.cast(array, pa.int64()), -1).to_numpy(zero_copy_only=False))
