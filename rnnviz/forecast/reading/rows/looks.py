"""Looks: whether a cell looks like a number or a date, or like nothing, before anybody knows which of its kind.

Good enough to tell rows from names and one separator from another; reading the values is left to the columns.
"""

from __future__ import annotations

import re

from rnnviz.forecast.reading.vocabulary import words

_UNITS = words(
    """
    k m b bn mn mm mio mrd mld mil t tn tr cr lakh e d n x p c a am pm z utc gmt est edt et cet cest bst ist jst hkt
    usd eur gbp jpy cny rmb chf aud cad hkd inr krw brl rub pln czk huf sek nok dkk try zar usc gbx us r rs kr zł kč
    ft tl lei pkt pts pct bp bps st nd rd th h min s stk q w uhr
    mon tue wed thu fri sat sun mo di mi do fr sa so lun mar mer jeu ven sam dim
    年 月 日 时 時 分 秒 万 萬 亿 億 兆 千 百万 百萬 円 元 圓 上午 下午 午前 午後 一 二 三 四 五 六
    년 월 일 시 분 초 조 억 만 천 원 오전 오후
    млн млрд тыс г руб р
    """
)
_MISSING = words(
    """
    - -- --- – — . .. … null nan na n/a n.a. #n/a #value! #ref! #div/0! nil none missing <na> nat
    inf -inf +inf infinity -infinity n.v. k.a. brak н/д 無 无 --.-- * ? true false
    """
)
_LETTERS = re.compile(r"[^\W\d_]+")
_OTHER = re.compile(r"[;|\t<>{}@&?!\"]|\d[\-/:]\d.*,\d")  # the last: a date and a number beside it
_DAY = re.compile(
    r"""
    (?:[^\W\d_]{2,10}[.,]?\s+)?                                                     # Fri,
    (?:\d{1,4}[\s.\-/]{0,2}(?:de\s)?[^\W\d_]{3,10}[.,]?[\s.\-/,]{0,2}(?:de\s)?\d{2,4}  # 19-Feb-2020
    |[^\W\d_]{3,10}\.?[\s\-]*\d{1,2}(?:st|nd|rd|th)?,?[\s\-]+\d{2,4}                # Feb 19, 2020
    |[^\W\d_]{3,10}[.\-\s]{1,2}\d{2,4}                                             # Feb-20
    |(?:[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]u[nl]|[Aa]ug|[Ss]ep|[Oo]ct|[Nn]ov|[Dd]ec)[a-z]{0,6}\.?\s\d{1,2})  # Feb 9
    (?:[,\sT]+\d{1,2}:.*)?
    """,
    re.X,
)


def missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return not cell or cell.lower() in _MISSING


def value(cell: str) -> bool:
    """Whether a cell looks like a number, a date or a time: `1.234,56`, `$3.5B`, `19-Feb-2020`, `2019- 11- 12`."""
    if len(cell) > 60 or not any(char.isdigit() for char in cell) or _OTHER.search(cell):
        return False
    if all(word.lower() in _UNITS for word in _LETTERS.findall(cell)):
        return True
    return _DAY.fullmatch(cell.strip("'= ")) is not None
