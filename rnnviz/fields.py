"""Tables of settings: one declaration that the widgets, the link and the validation all use.

A :class:`Field` says what a setting is called, what it may be and what the reader is told about it. Any
frozen dataclass with a table of them gets three things from here: :func:`validate` (strict, for code),
:func:`parse` (forgiving, for links: the nearest legal value and a sentence for each correction) and
:func:`format`. Imports neither torch nor numpy nor pandas: controls are drawn while those are still loading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rnnviz.typed import LARGEST_NUMBER, LONGEST_INPUT, NUMBER, cleaned, parse_numbers, quoted, short

Kind = Literal[
    "int",
    "float",
    "optional_int",
    "optional_float",
    "choice",
    "choices",
    "text",
    "numbers",
    "notation",
    "flag",
    "id",
]

ID = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")
"""What an id in a link looks like; "" stands for none."""


@dataclass(frozen=True)
class Field:
    """One setting.

    ``minimum`` and ``maximum`` bound the number itself, or how many (choices picked, characters of a text,
    values among typed numbers). ``step`` is what a widget moves by; values between steps are legal.
    ``choices`` are pairs of value and label. ``unset_label`` names the meaning of None for optional numbers.
    ``when`` = (field, value): the setting counts only while that earlier field has that value; otherwise it
    stays at its default and is left out of the link. ``nearest`` reads a notation: the nearest legal text, and a
    sentence for each correction.
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
    nearest: Callable[[str], tuple[str, list[str]]] | None = None

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
        """The legal range in words, such as "2 to 500"."""
        return f"{short(self.minimum or 0)} to {short(self.maximum or 0)}"


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
            legal = value if _within(field, len(value)) and value == cleaned(value) else None
        case "id" if isinstance(value, str):
            legal = value if not value or ID.match(value) else None
        case "numbers" if isinstance(value, str):
            legal = value if not parse_numbers(value, maximum=int(field.maximum or 0))[1] else None
        case "notation" if isinstance(value, str) and field.nearest is not None:
            legal = value if value == field.default or field.nearest(value) == (value, []) else None
    if legal is None:
        raise ValueError(f"{field.name} must be {_expected(field)}; got {quoted(repr(value), marks=False)}")
    return legal


def _read(field: Field, text: str, notes: list[str]) -> Any:
    """The nearest legal value to what the link says; a correction adds its sentence to ``notes``."""
    word = text.strip()
    if field.optional and word.lower() in ("", "none"):
        return None

    def corrected(value: Any) -> Any:
        notes.append(
            f"{field.query} must be {_expected(field)}; the link said {quoted(text)}, "
            f"so {_read_out(field, value)} is used."
        )
        return value

    match field.kind:
        case "int" | "optional_int" | "float" | "optional_float":
            word = word.replace("\u2212", "-")
            if not NUMBER.match(word) or len(word) > LONGEST_INPUT:
                return corrected(field.default)
            given = float(word) + 0.0
            nearest = min(max(given, field.minimum or 0), field.maximum or 0)
            value = round(nearest) if field.whole else float(nearest)
            return value if value == given else corrected(value)
        case "flag":
            known = {"1": True, "true": True, "yes": True, "on": True}
            known |= {"0": False, "false": False, "no": False, "off": False}
            return known[word.lower()] if word.lower() in known else corrected(field.default)
        case "id":
            return word if not word or ID.match(word) else corrected(field.default)
        case "choice":
            return word.lower() if word.lower() in field.values else corrected(field.default)
        case "choices":
            words = [part.strip().lower() for part in text[:LONGEST_INPUT].split(",")]
            picked = tuple(dict.fromkeys(part for part in words if part in field.values))
            some = picked[: int(field.maximum or 0)] or field.default
            return some if list(some) == words else corrected(some)
        case "text":
            most = int(field.maximum or 0)
            clean = cleaned(text[:LONGEST_INPUT])
            if len(clean) < (field.minimum or 0):
                return corrected(field.default)
            if clean != text[:LONGEST_INPUT]:
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
            return ", ".join(short(number) for number in numbers) if found else text
        case "notation" if field.nearest is not None and word != field.default:
            legal, found = field.nearest(text)
            notes.extend(found)
            return legal
    return field.default


def _within(field: Field, value: int | float) -> bool:
    """Whether the number lies in the field's range; NaN does not."""
    return (field.minimum or 0) <= value <= (field.maximum or 0)


def _expected(field: Field) -> str:
    """What a field may be, in words."""
    match field.kind:
        case "int" | "optional_int":
            return f"a whole number from {field.range}"
        case "float" | "optional_float":
            return f"from {field.range}"
        case "flag":
            return "1 or 0"
        case "id":
            return "the id of a run, 16 to 64 letters, digits, - and _"
        case "choice":
            return f"one of {', '.join(field.values)}"
        case "choices":
            return f"{field.range} different names out of {', '.join(field.values)}"
        case "text":
            return f"{field.range} characters without control characters"
        case "numbers":
            return f"{field.range} numbers with commas or spaces between, up to {short(LARGEST_NUMBER)}"
        case "notation":
            return "what the app itself writes there"


def _written(value: Any) -> str:
    """One value as the link holds it."""
    match value:
        case None:
            return "none"
        case bool():
            return str(int(value))
        case float():
            return short(value)
        case tuple():
            return ",".join(value)
        case _:
            return str(value)


def _read_out(field: Field, value: Any) -> str:
    """One value as a sentence holds it."""
    if field.kind == "id" and not value:
        return "none"
    return field.unset_label if value is None and field.unset_label else quoted(_written(value), marks=False)


def _raw(value: object) -> str:
    """A parameter as text; of a list, as some frameworks hand over, the last item."""
    while isinstance(value, (list, tuple)):
        value = value[-1] if value else ""
    return value if isinstance(value, str) else str(value)
