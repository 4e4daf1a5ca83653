"""Numbers: cells become values, once it is known which mark is the decimal one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rnnviz.forecast.reading import text
from rnnviz.forecast.reading.vocabulary import words

MISSING = words(
    r"""
    - -- --- ---- . .. ... * # ? / \n \\n n/a n.a. n.a na #n/a #na #value! #ref! #div/0! #num! #name? nan -nan null none
    nil void nd n.d. k.a. s/o nc n.c. missing undefined unknown (null) <na> nat n/d n/d. n.v. 停牌 无 無
    """
)
"""What stands where there is no value, in small letters."""

_UNITS: dict[str, int] = {
    **dict.fromkeys(("k", "tsd", "tys", "тыс", "mil", "thousand", "천", "千"), 3),
    **dict.fromkeys(("万", "萬", "만"), 4),
    **dict.fromkeys(("m", "mm", "mio", "mln", "mn", "million", "млн", "백만", "百万"), 6),
    **dict.fromkeys(("억", "亿", "億"), 8),
    **dict.fromkeys(("b", "bn", "bio", "mrd", "mld", "md", "mlrd", "billion", "млрд", "십억"), 9),
    **dict.fromkeys(("t", "tn", "trillion", "兆", "조", "трлн", "万亿"), 12),
}
"""Powers of ten by their letters."""

_CURRENCY = r"(?:[A-Za-z]{0,3}\p{Sc}|[A-Z]{3}|Rs\.?|kr\.?|zł|Fr\.)"
_BACK = r"(?:\p{Sc}|[A-Z]{3}|zł|kr\.?|元|円|원|руб\.?|р\.|pts?\.?|%|‰|[a-z])"
_DIRECT = r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$"
_POINT = (
    r"^[-+]?\d*\.(?:\d{1,2}|\d{4,})(?:[eE][-+]?\d+)?$"  # 1.5, 1.2345
    r"|^[-+]?(?:0*|\d{4,})\.\d{3}$"  # 0.123, 1234.567
    r"|^[-+]?\d{1,3}(?:[,' ]\d{2,3})*[,' ]\d{3}\.\d*$"  # 1,234.567
    r"|^[-+]?\d{1,3}(?:,\d{2,3})*,\d{2,3},\d{3}$"  # 1,234,567: then the point is the decimal mark
)
_OPEN = r"^[-+]?[1-9]\d{0,2}\.\d{3}$"


@dataclass(frozen=True, eq=False)
class Numerals:
    """A column on its way to numbers: ``cells`` without currency, units and brackets, null where nothing stands.

    ``absent``: where a sign for a missing value stood, or nothing. ``direct``: the values, where every cell is a plain
    number and no mark is in question. ``point`` and ``comma`` count the cells that prove that mark to be the decimal
    one; ``open_point`` and ``open_comma`` those that do not say, as 115.592. ``percent``: cells with a % sign.
    """

    cells: pa.Array
    absent: np.ndarray
    direct: np.ndarray | None
    point: int = 0
    comma: int = 0
    open_point: int = 0
    open_comma: int = 0
    percent: int = 0

    @property
    def proven(self) -> str | None:
        """The decimal mark that most cells prove, or None."""
        if self.point == self.comma:
            return None
        return "." if self.point > self.comma else ","

    @property
    def open(self) -> int:
        """The number of cells that may be read in two ways."""
        return self.open_point + self.open_comma


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of float64 ``values`` (n,), NaN where there is none. ``unread``: where a cell is no number at all."""

    values: np.ndarray
    unread: np.ndarray
    infinite: np.ndarray

    @property
    def read(self) -> int:
        """The number of cells with a value."""
        return int((~np.isnan(self.values)).sum())


def numerals(cells: pa.Array) -> Numerals:
    """Strip a column of all but its numbers, and count what it tells of the decimal mark."""
    absent = ~text.present(cells)
    if (values := _cast(cells)) is not None:
        point, between = _marks(cells)
        return Numerals(cells, absent | np.isnan(values), values, point=point, open_point=between)
    lower = pc.utf8_lower(cells)
    gone = text.truth(pc.is_in(lower, value_set=pa.array(sorted(MISSING), type=lower.type)))
    if gone.any():
        cells = pc.if_else(pa.array(gone), pa.scalar(None, cells.type), cells)
        absent |= gone
        if (values := _cast(cells)) is not None:
            point, between = _marks(cells)
            return Numerals(cells, absent, values, point=point, open_point=between)
    percent = int(pc.sum(pc.match_substring(cells, pattern="%")).as_py() or 0)
    cells = _bare(cells)
    point, open_point = _marks(cells)
    comma, open_comma = _marks(_swapped(cells)) if text.contains(cells, ",") else (0, 0)
    return Numerals(cells, absent, None, point, comma, open_point, open_comma, percent)


def numbers(column: Numerals, decimal: str) -> Numbers:
    """The values of a column, ``decimal`` being "." or ","."""
    if column.direct is not None and (decimal == "." or not text.contains(column.cells, ".")):
        return _found(column.direct, column.absent)
    cells = column.cells
    thousands, mark = (",", r"\.") if decimal == "." else (r"\.", ",")
    legal = text.matches(
        cells,
        rf"^[-+]?(?:\d+|\d{{1,3}}(?:[{thousands}' ]\d{{2,3}})*[{thousands}' ]\d{{3}})?(?:{mark}\d*)?(?:[eE][-+]?\d+)?$",
    ) & text.matches(cells, r"\d") | text.matches(cells, r"^(?i:[-+]?(?:inf(?:inity)?|∞))$")
    cells = pc.if_else(pa.array(legal), cells, pa.scalar(None, cells.type))
    cells = text.replaced(cells, rf"[{thousands}' ]", "")
    if decimal == ",":
        cells = pc.replace_substring(cells, pattern=",", replacement=".")
    cells = pc.replace_substring(cells, pattern="∞", replacement="inf")
    values = pc.cast(cells, pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return _found(values, column.absent)


def _found(values: np.ndarray, absent: np.ndarray) -> Numbers:
    infinite = np.isinf(values)
    values = np.where(infinite, np.nan, values)
    return Numbers(values, np.isnan(values) & ~absent & ~infinite, infinite)


def _cast(cells: pa.Array) -> np.ndarray | None:
    """The values where every cell is a plain number, else None."""
    try:
        values = pc.cast(cells, pa.float64())
    except pa.ArrowInvalid:
        return None
    return np.asarray(values.fill_null(np.nan).to_numpy(zero_copy_only=False))


def _marks(cells: pa.Array) -> tuple[int, int]:
    """How many cells prove the point to be the decimal mark, and how many leave it open."""
    if not text.contains(cells, ".") and not text.contains(cells, ","):
        return 0, 0
    proving = int(pc.sum(pc.match_substring_regex(cells, pattern=_POINT)).as_py() or 0)
    return proving, int(pc.sum(pc.match_substring_regex(cells, pattern=_OPEN)).as_py() or 0)


def _swapped(cells: pa.Array) -> pa.Array:
    """Points as commas and commas as points."""
    for mark, other in ((",", ";"), (".", ","), (";", ".")):
        cells = pc.replace_substring(cells, pattern=mark, replacement=other)
    return cells


def _bare(cells: pa.Array) -> pa.Array:
    """The cells without currency, brackets, percent signs and units; a unit becomes an exponent."""
    cells = text.replaced(cells, r"^=?[\"']+|[\"']+$", "")
    cells = text.replaced(cells, r"^\(\s*(.*\d.*?)\s*\)$", r"-\1")
    cells = text.replaced(cells, r"^(.*\d)\s?([-+])$", r"\2\1")
    cells = text.replaced(cells, rf"^([-+]?)\s*{_CURRENCY}\s*([-+]?[\d.,])", r"\1\2")
    cells = text.replaced(cells, r"^([-+])\s+", r"\1")
    cells = text.replaced(cells, r"(\d)[\s]*%$", r"\1")
    coded = text.replaced(
        cells, r"^[^\pL元円]*\d[.,]?\s*([\pL元円]*)\p{Sc}?\.?$|^.*$", r"\1"
    ).dictionary_encode()
    for letters in coded.dictionary.to_pylist():
        if letters and (power := _UNITS.get(letters.casefold())) is not None:
            cells = text.replaced(cells, rf"^(.*\d)[.,]?\s*{letters}\p{{Sc}}?\.?$", rf"\1e{power}")
    return text.replaced(cells, rf"(\d[.,]?)\s*{_CURRENCY[:-1]}|元|円|원|руб\.?|р\.|pts?\.?)$", r"\1")
