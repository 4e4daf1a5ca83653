"""Numbers: cells become values, once it is known which mark is the decimal one."""

from __future__ import annotations

import re
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

_BODY = r"^(?P<pre>[^\d]*)(?P<body>\d(?:[\d.,' ]*\d)?[.,]?(?:[eE][-+]?\d+)?)(?P<post>[^\d]*)$"
_CURRENCY = re.compile(
    r"[A-Za-z]{0,3}[$¢£¤¥֏؋৳฿៛₠-⃀﷼]|[A-Z]{3}|Rs\.?|kr\.?|zł|Fr\.|元|円|원|руб\.?|р\.|pts?\.?|p|"
)
"""What may stand before or behind a number without changing it."""

_PROOFS = (
    r"^[-+]?(?:"
    r"\d*\.(?:\d{1,2}|\d{4,})(?:[eE][-+]?\d+)?"  # 1.5, 1.2345
    r"|(?:0*|\d{4,})\.\d{3}"  # 0.123, 1234.567
    r"|\d{1,3}(?:[,' ]\d{2,3})*[,' ]\d{3}\.\d*"  # 1,234.567
    r"|\d{1,3}(?:,\d{2,3})*,\d{2,3},\d{3}"  # 1,234,567: the comma being none, the point is the decimal mark
    r")$"
)
_DIRECT = re.compile(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?$|[-+]?(?:nan|inf)", re.IGNORECASE)
_OPEN = r"^[-+]?[1-9]\d{0,2}\.\d{3}$"
_TURN = {"\\.": ",", ",": "\\."}


@dataclass(frozen=True, eq=False)
class Numerals:
    """A column on its way to numbers: ``cells`` without currency, units and brackets, null where nothing stands.

    ``absent``: where a sign for a missing value stood, or nothing. ``direct``: the values, where every cell is a plain
    number and no mark is in question. ``point`` and ``comma`` count the cells that prove that mark to be the decimal
    one; ``open_point`` and ``open_comma`` those that do not say, as 115.592, where none does. ``percent``: cells with
    a % sign.
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
        point, between = _marks(cells, ".")
        return Numerals(cells, absent | np.isnan(values), values, point=point, open_point=between)
    lower = pc.utf8_lower(cells)
    gone = text.truth(pc.is_in(lower, value_set=pa.array(sorted(MISSING), type=lower.type)))
    if gone.any():
        cells = pc.if_else(pa.array(gone), pa.scalar(None, cells.type), cells)
        absent |= gone
        if (values := _cast(cells)) is not None:
            point, between = _marks(cells, ".")
            return Numerals(cells, absent, values, point=point, open_point=between)
    percent = 0
    if not (text.matches(cells, r"^[-+]?[\d.,]+$") | absent).all():
        cells, percent = _bare(cells)
    point, open_point = _marks(cells, ".")
    comma, open_comma = _marks(cells, ",")
    return Numerals(cells, absent, None, point, comma, open_point, open_comma, percent)


def numbers(column: Numerals, decimal: str) -> Numbers:
    """The values of a column, ``decimal`` being "." or ","."""
    if column.direct is not None and (decimal == "." or not text.contains(column.cells, ".")):
        return _found(column.direct, column.absent)
    cells = column.cells
    thousands, mark = (",", r"\.") if decimal == "." else (r"\.", ",")
    whole = rf"\d+|\d{{1,3}}(?:[{thousands}' ]\d{{2,3}})*[{thousands}' ]\d{{3}}"
    legal = text.matches(cells, rf"^[-+]?(?:(?:{whole})(?:{mark}\d*)?|{mark}\d+)(?:[eE][-+]?\d+)?$")
    if not (legal | column.absent).all():
        legal |= text.matches(cells, r"^(?i:[-+]?(?:inf(?:inity)?|∞))$")
        cells = pc.if_else(pa.array(legal), cells, pa.scalar(None, cells.type))
        cells = pc.replace_substring(cells, pattern="∞", replacement="inf")
    for between in (thousands[-1], "'", " "):
        if text.contains(cells, between):
            cells = pc.replace_substring(cells, pattern=between, replacement="")
    if decimal == ",":
        cells = pc.replace_substring(cells, pattern=",", replacement=".")
    values = pc.cast(cells, pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return _found(values, column.absent)


def _found(values: np.ndarray, absent: np.ndarray) -> Numbers:
    infinite = np.isinf(values)
    values = np.where(infinite, np.nan, values)
    return Numbers(values, np.isnan(values) & ~absent & ~infinite, infinite)


def _cast(cells: pa.Array) -> np.ndarray | None:
    """The values where every cell is a plain number, else None."""
    first = pc.index(cells.is_valid(), True).as_py()
    if first >= 0 and not _DIRECT.match(cells[first].as_py()):
        return None  # a failing cast is slow
    try:
        values = pc.cast(cells, pa.float64())
    except pa.ArrowInvalid:
        return None
    return np.asarray(values.fill_null(np.nan).to_numpy(zero_copy_only=False))


def _marks(cells: pa.Array, decimal: str) -> tuple[int, int]:
    """How many cells prove this to be the decimal mark, and how many leave it open."""
    if not text.contains(cells, ".") and not text.contains(cells, ","):
        return 0, 0
    proof, between = (_PROOFS, _OPEN) if decimal == "." else (_turned(_PROOFS), _turned(_OPEN))
    proving = int(text.matches(cells, proof).sum())
    return proving, 0 if proving else int(text.matches(cells, between).sum())


def _turned(pattern: str) -> str:
    """The pattern with point and comma in each other's place."""
    kept = re.sub(r"\{[\d,]*\}", lambda found: found[0].replace(",", "\0"), pattern)
    return re.sub(r"\\\.|,", lambda found: _TURN[found[0]], kept).replace("\0", ",")


def _bare(cells: pa.Array) -> tuple[pa.Array, int]:
    """The cells without currency, brackets, percent signs and units, a unit being an exponent; and how many had a %.

    What stands around the digits takes few forms; each is looked at once.
    """
    found = pc.extract_regex(cells, pattern=_BODY)
    pre, post = (pc.struct_field(found, name).dictionary_encode() for name in ("pre", "post"))
    fronts = [_front(words) for words in pre.dictionary.to_pylist()]
    backs = [_back(words) for words in post.dictionary.to_pylist()]
    front = pa.array(fronts, cells.type).take(pre.indices)
    back = pa.array([None if one is None else one[0] for one in backs], cells.type).take(post.indices)
    turned = pa.array([one is not None and one[1] for one in backs], pa.bool_())
    if turned.true_count:
        less = pc.fill_null(turned.take(post.indices), False)
        front = pc.if_else(less, pa.scalar("-", cells.type), front)
    percents = pa.array(["%" in words for words in post.dictionary.to_pylist()], pa.bool_()).take(
        post.indices
    )
    bare = pc.binary_join_element_wise(front, pc.struct_field(found, "body"), back, pa.scalar("", cells.type))
    # What could not be taken apart stays as it is, and is then no number.
    return pc.coalesce(bare, cells), percents.true_count


def _front(words: str) -> str | None:
    """The sign, and a decimal mark, in what stands before the first digit; None where it makes the cell no number."""
    words = words.strip("=\"' ")
    mark = words[-1:] if words[-1:] in (".", ",") and not words[-2:-1].isalpha() else ""
    words = words[: len(words) - len(mark)]
    less = words.startswith("(") or words.count("-") == 1
    words = re.sub(r"[-+(\s]", "", words)
    return ("-" if less else "") + mark if _CURRENCY.fullmatch(words) else None


def _back(words: str) -> tuple[str, bool] | None:
    """The exponent, and whether there is a minus, in what stands behind the last digit; None as in :func:`_front`."""
    less = words.strip().endswith("-")
    words = words.strip("\"' )%-+‰")
    if (power := _UNITS.get(words.casefold().strip(". "))) is not None:
        return f"e{power}", less
    unit = re.fullmatch(r"(\w+)\.?\s*(\W|[A-Z]{3}|zł|kr)", words)
    if unit and _CURRENCY.fullmatch(unit[2]) and (power := _UNITS.get(unit[1].casefold())) is not None:
        return f"e{power}", less
    return ("", less) if _CURRENCY.fullmatch(words) or words in (".", ",") else None
