"""Tables of settings: one declaration that the widgets, the link and the validation all use.

A :class:`Field` says what a setting is called, what it may be and what the reader is told about it. Any
frozen dataclass with a table of them gets three things from here: :func:`validate` (strict, for code),
:func:`parse` (forgiving, for links: the nearest legal value and a sentence for each correction) and
:func:`format`. Imports neither torch nor numpy nor pandas: controls are drawn while those are still loading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "int", "float", "optional_int", "optional_float", "choice", "choices", "text", "numbers", "flag"
]

LARGEST_NUMBER = 1e30
"""Typed numbers are at most this large in size, so that float32 can hold them."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_SEPARATORS = re.compile(r"[\s,;]+")
_LONGEST_INPUT = 20_000  # characters of one value that are looked at: 500 numbers of 40 characters
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Field:
    """One setting.

    ``minimum`` and ``maximum`` bound the number itself, or how many (choices picked, characters of a text,
    values among typed numbers). ``step`` is what a widget moves by; values between steps are legal.
    ``choices`` are pairs of value and label. ``unset_label`` names the meaning of None for optional numbers.
    ``when`` = (field, value): the setting counts only while that earlier field has that value; otherwise it
    stays at its default and is left out of the link.
    """

    name: str
    query: str
    label: str
    help: str
    kind: Kind
    default: Any
    minimum: int | float | None = None
    maximum: int | float | None = None
    step: int | float | None = None
    choices: tuple[tuple[str, str], ...] = ()
    unset_label: str = ""
    when: tuple[str, str] | None = None

    @property
    def values(self) -> tuple[str, ...]:
        """The values that may be chosen."""
        return tuple(value for value, _ in self.choices)

    @property
    def optional(self) -> bool:
        """Whether None is a legal value."""
        return self.kind in ("optional_int", "optional_float")

    @property
    def whole(self) -> bool:
        """Whether the number is a whole number."""
        return self.kind in ("int", "optional_int")

    def label_of(self, value: str) -> str:
        """The label of one of the choices; ``ValueError`` names them."""
        for known, label in self.choices:
            if known == value:
                return label
        raise ValueError(f"{self.name} must be one of {', '.join(self.values)}; got {value!r}")

    def in_play(self, values: Mapping[str, Any]) -> bool:
        """Whether the setting counts, given the values of the fields before it."""
        return self.when is None or values[self.when[0]] == self.when[1]

    @property
    def range(self) -> str:
        """The legal range in words, such as "from 2 to 500"."""
        return f"from {_short(self.minimum or 0)} to {_short(self.maximum or 0)}"


def validate(fields: Iterable[Field], obj: object) -> dict[str, Any]:
    """The values of ``obj`` by field name, checked and in their own type (an int for a float becomes one).

    A setting not in play comes back as its default. Raises ``ValueError`` for the first illegal value.
    """
    values: dict[str, Any] = {}
    for field in fields:
        values[field.name] = (
            _checked(field, getattr(obj, field.name)) if field.in_play(values) else field.default
        )
    return values


def format(fields: Iterable[Field], obj: object, *, omit_defaults: bool = False) -> dict[str, str]:
    """The settings of ``obj`` as query parameters, those not in play left out.

    None is left out where it is the default. With ``omit_defaults`` everything at its default is left out.
    ``parse(fields, format(fields, obj))`` gives exactly the values of ``obj`` back.
    """
    written: dict[str, str] = {}
    values: dict[str, Any] = {}
    for field in fields:
        value = values[field.name] = getattr(obj, field.name)
        is_default = value == field.default
        if field.in_play(values) and not (is_default and (omit_defaults or value is None)):
            written[field.query] = _written(value)
    return written


def parse(fields: Iterable[Field], params: Mapping[str, object]) -> tuple[dict[str, Any], list[str]]:
    """The nearest legal value of each field, by name, and one sentence for each correction made.

    Never raises on what ``params`` holds. A missing parameter gives the default, unknown ones are ignored.
    Notes quote what the user typed, shortened but not escaped.
    """
    values: dict[str, Any] = {}
    notes: list[str] = []
    for field in fields:
        if field.query not in params or not field.in_play(values):
            values[field.name] = field.default
        else:
            values[field.name] = _read(field, _raw(params[field.query]), notes)
    return values, notes


def parse_numbers(text: str, *, maximum: int = 500) -> tuple[tuple[float, ...], list[str]]:
    """Numbers separated by commas, spaces, semicolons or new lines, and a sentence for what was left out.

    Decimals take a point. Never raises. Fewer than two numbers come back as they are, with a sentence on it.
    """
    notes: list[str] = []
    if len(text) > _LONGEST_INPUT:
        text = text[:_LONGEST_INPUT]
        notes.append(f"Only the first {_LONGEST_INPUT} characters of the numbers are read.")
    words = [word for word in _SEPARATORS.split(text.replace("\u2212", "-")) if word]
    readable = [word for word in words if _NUMBER.match(word)]
    unreadable = [word for word in words if not _NUMBER.match(word)]
    numbers = [float(word) + 0.0 for word in readable]
    too_large = [word for word, n in zip(readable, numbers, strict=True) if abs(n) > LARGEST_NUMBER]
    numbers = [n for n in numbers if abs(n) <= LARGEST_NUMBER]
    if unreadable:
        notes.append(f"Not read as numbers and left out: {_listed(unreadable)}.")
    if too_large:
        notes.append(f"Larger than {_short(LARGEST_NUMBER)} and left out: {_listed(too_large)}.")
    if len(numbers) > maximum:
        notes.append(f"Only the first {maximum} of {len(numbers)} numbers are used.")
        numbers = numbers[:maximum]
    if len(numbers) < 2:
        notes.append(f"At least 2 numbers are needed, and {len(numbers)} could be read.")
    return tuple(numbers), notes


def _checked(field: Field, value: Any) -> Any:
    """``value`` in its own type, or ``ValueError``."""
    if field.optional and value is None:
        return None
    legal: Any = None
    match field.kind:
        case "int" | "optional_int" if isinstance(value, int) and not isinstance(value, bool):
            legal = value if _within(field, value) else None
        case "float" | "optional_float" if isinstance(value, (int, float)) and not isinstance(value, bool):
            legal = float(value) + 0.0 if _within(field, value) else None
        case "flag":
            legal = value if isinstance(value, bool) else None
        case "choice":
            legal = value if isinstance(value, str) and value in field.values else None
        case "choices" if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
            unique = len(set(value)) == len(value) and set(value) <= set(field.values)
            legal = value if unique and _within(field, len(value)) else None
        case "text" if isinstance(value, str):
            legal = value if _within(field, len(value)) and value == _cleaned(value) else None
        case "numbers" if isinstance(value, str):
            legal = value if not parse_numbers(value, maximum=int(field.maximum or 0))[1] else None
    if legal is None:
        raise ValueError(f"{field.name} must be {_expected(field)}; got {_quoted(repr(value), marks=False)}")
    return legal


def _read(field: Field, text: str, notes: list[str]) -> Any:
    """The nearest legal value to what the link says; a correction adds its sentence to ``notes``."""
    word = text.strip()
    if field.optional and word.lower() in ("", "none"):
        return None

    def corrected(value: Any) -> Any:
        notes.append(
            f"{field.query} must be {_expected(field)}; the link said {_quoted(text)}, "
            f"so {_read_out(field, value)} is used."
        )
        return value

    match field.kind:
        case "int" | "optional_int" | "float" | "optional_float":
            word = word.replace("\u2212", "-")
            if not _NUMBER.match(word) or len(word) > _LONGEST_INPUT:
                return corrected(field.default)
            given = float(word) + 0.0
            nearest = min(max(given, field.minimum or 0), field.maximum or 0)
            value = round(nearest) if field.whole else float(nearest)
            return value if value == given else corrected(value)
        case "flag":
            known = {"1": True, "true": True, "yes": True, "on": True}
            known |= {"0": False, "false": False, "no": False, "off": False}
            return known[word.lower()] if word.lower() in known else corrected(field.default)
        case "choice":
            return word.lower() if word.lower() in field.values else corrected(field.default)
        case "choices":
            words = [part.strip().lower() for part in text[:_LONGEST_INPUT].split(",")]
            picked = tuple(dict.fromkeys(part for part in words if part in field.values))
            some = picked[: int(field.maximum or 0)] or field.default
            return some if list(some) == words else corrected(some)
        case "text":
            most = int(field.maximum or 0)
            clean = _cleaned(text[:_LONGEST_INPUT])
            if len(clean) < (field.minimum or 0):
                return corrected(field.default)
            if clean != text[:_LONGEST_INPUT]:
                notes.append(f"Control characters were taken out of {field.query}.")
            if len(clean) > most:
                notes.append(f"Only the first {most} characters of {field.query} are used.")
            return clean[:most]
        case "numbers":
            numbers, found = parse_numbers(text, maximum=int(field.maximum or 0))
            notes.extend(found)
            if len(numbers) < 2:
                notes[-1] = f"{notes[-1][:-1]}, so {field.default} is used."
                return field.default
            return ", ".join(_short(number) for number in numbers) if found else text


def _within(field: Field, value: int | float) -> bool:
    """Whether the number lies in the field's range; NaN does not."""
    return (field.minimum or 0) <= value <= (field.maximum or 0)


def _expected(field: Field) -> str:
    """What a field may be, in words."""
    match field.kind:
        case "int" | "optional_int":
            return f"a whole number {field.range}"
        case "float" | "optional_float":
            return field.range
        case "flag":
            return "1 or 0"
        case "choice":
            return f"one of {', '.join(field.values)}"
        case "choices":
            return f"{field.range[5:]} different names out of {', '.join(field.values)}"
        case "text":
            return f"{field.range[5:]} characters without control characters"
        case "numbers":
            return f"{field.range[5:]} numbers with commas or spaces between, up to {_short(LARGEST_NUMBER)}"


def _written(value: Any) -> str:
    """One value as the link holds it."""
    match value:
        case None:
            return "none"
        case bool():
            return str(int(value))
        case float():
            return _short(value)
        case tuple():
            return ",".join(value)
        case _:
            return str(value)


def _read_out(field: Field, value: Any) -> str:
    """One value as a sentence holds it."""
    return field.unset_label if value is None and field.unset_label else _quoted(_written(value), marks=False)


def _short(value: int | float) -> str:
    """The shortest text that reads back as exactly this number: 1 for 1.0, 1e-05, 0.25."""
    text = repr(value)
    return text.removesuffix(".0").replace("e+", "e")


def _cleaned(text: str) -> str:
    """The text without control characters, direction marks and lone surrogates, which no link can carry."""
    return "".join(
        char
        for char in text
        if unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") and char not in _BIDI
    )


def _quoted(text: str, *, marks: bool = True) -> str:
    """What a user typed, fit to stand in a sentence: one line, at most 40 characters."""
    shown = _cleaned(text[:200])
    shown = shown if len(shown) <= 40 else shown[:39] + "…"
    if not shown:
        return "nothing"
    return shown if not marks or _NUMBER.match(text) else f'"{shown}"'


def _listed(words: list[str]) -> str:
    """The first three words quoted, and how many more there are."""
    shown = ", ".join(_quoted(word) for word in words[:3])
    return shown if len(words) <= 3 else f"{shown} and {len(words) - 3} more"


def _raw(value: object) -> str:
    """A parameter as text; of a list, as some frameworks hand over, the last item."""
    while isinstance(value, (list, tuple)):
        value = value[-1] if value else ""
    return value if isinstance(value, str) else str(value)
