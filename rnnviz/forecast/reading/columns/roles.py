"""What columns are, as far as their names tell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rnnviz.forecast.reading.columns.headings import COMMA, HEADINGS, LAST
from rnnviz.forecast.reading.vocabulary import words

PRICES = ("open", "high", "low", "close", "adj_close")
"""Roles of a price, in the order of a candle."""

_BRACKETS = re.compile(r"[(\[{（【][^)\]}）】]*[)\]}）】]")
_NO_WORD = re.compile(r"[^\w%]+|_+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "đ": "d", "ı": "i", "ə": "e"})
_ASIDE = words(
    """
    usd eur gbp jpy cny chf aud cad krw inr brl pln rub hkd usdt price px eod daily the of for per share local
    """
)
"""Words beside the one that counts: "Close (USD)", "EOD close price"."""


def key(name: str) -> str:
    """A name as the vocabulary has it: small letters without accents, brackets, numbering and punctuation."""
    text = unicodedata.normalize("NFKC", name[:200])
    text = (
        text.partition("*")[0].strip() or text
    )  # "Close* Close price adjusted for splits" has its footnote with it
    text = _BRACKETS.sub(" ", text) if _BRACKETS.sub("", text).strip() else text
    text = _CAMEL.sub(" ", text).casefold()
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = _NO_WORD.sub(" ", text.translate(_PLAIN)).strip()
    return re.sub(r"^\d+[ab]? (?=\D)", "", text)


@cache
def _known() -> dict[str, tuple[str, frozenset[str]]]:
    """Each word with its role and the languages that have it in that role."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for language, roles in HEADINGS.items():
        for role, names in roles.items():
            for word in names.split("|"):
                word = key(word)
                first, languages = found.get(word, (role, frozenset()))
                if first == role:
                    found[word] = (role, languages | {language})
    return found


def role_of(name: str) -> str | None:
    """The role that a name tells, or None: "Schlusskurs" is "close", "PREV. CLOSE" is "other"."""
    plain = key(name)
    for tried in (plain, " ".join(w for w in plain.split() if w not in _ASIDE), plain.replace(" ", "")):
        if tried in _known():
            return _known()[tried][0]
    return None


@cache
def _lasts() -> frozenset[str]:
    return frozenset(key(name) for name in LAST.split("|"))


def last_trade(name: str) -> bool:
    """Whether a name is that of the last trade: a close beside it is the better close."""
    return key(name) in _lasts()


def comma_language(names: Sequence[str]) -> bool:
    """Whether the names are words of a language that writes a decimal comma, and of no other."""
    found = [_known()[key(name)][1] for name in names if key(name) in _known()]
    return any(languages <= COMMA for languages in found)


@dataclass(frozen=True)
class Named:
    """A column by its name: ``role`` or None, and ``security`` where the name has that of one beside the role."""

    role: str | None
    security: str = ""


def named(names: Sequence[str]) -> tuple[Named, ...]:
    """The columns by their names, with "AAPL.Close", "Close AAPL" and ("Close", "AAPL") taken apart.

    A word beside a role is a security only where at least two columns have the same word beside different roles, or
    one role stands beside several words: "Close*" alone, or "Total volume", is not one.
    """
    whole = [Named(role_of(name)) for name in names]
    apart = [_apart(name) if one.role is None else None for name, one in zip(names, whole, strict=True)]
    securities: dict[str, set[str]] = {}
    for pair in apart:
        if pair is not None:
            securities.setdefault(pair[1], set()).add(pair[0])
    roles_of_many = {role for role in PRICES if sum(role in roles for roles in securities.values()) >= 2}
    # "Long Interest Rate" beside "Real Price" are no two securities; "AAPL Price" and "MSFT Price" are.
    bare = {
        name.casefold().replace(one[1].casefold(), "", 1).strip(" .|/:,_'()[]")
        for name, one in zip(names, apart, strict=True)
        if one and one[0] == "price"
    }
    if len(bare) == 1 and sum("price" in roles for roles in securities.values()) >= 2:
        roles_of_many.add("price")
    return tuple(
        Named(*pair)
        if pair is not None and (len(securities[pair[1]] & set(PRICES)) >= 2 or pair[0] in roles_of_many)
        else one
        for pair, one in zip(apart, whole, strict=True)
    )


_PARTS = re.compile(r"[\s.|/:,_'()\[\]]+")


def _apart(name: str) -> tuple[str, str] | None:
    """A role and what else the name says, where its first or last words are a role's."""
    parts = [part for part in _PARTS.split(name.strip()) if part]
    for cut in range(1, len(parts)):
        for own, rest in ((parts[-cut:], parts[:-cut]), (parts[:cut], parts[cut:])):
            role = role_of(" ".join(own))
            if role in (*PRICES, "volume", "price") and _longest(own, parts):
                return role, " ".join(rest)
    return None


def _longest(own: list[str], parts: list[str]) -> bool:
    """Whether no longer run of the words at that end is a role's name: "Adj Close AAPL" is no "Adj" and a close."""
    count = len(own)
    if own == parts[:count]:
        return all(role_of(" ".join(parts[:more])) is None for more in range(count + 1, len(parts)))
    return all(role_of(" ".join(parts[-more:])) is None for more in range(count + 1, len(parts)))
