"""Tables of settings: one declaration that the widgets, the link and the validation all use.

A :class:`Field` says what a setting is called, what it may be and what the reader is told about it. Any
frozen dataclass with a table of them gets three things from here: :func:`validate` (strict, for code),
:func:`parse` (forgiving, for links: the nearest legal value and a sentence for each correction) and
:func:`format`. Imports neither torch nor numpy nor pandas: controls are drawn while those are still loading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rnnviz.field import ID, Field, Kind
from rnnviz.typed import LONGEST_INPUT, NUMBER, cleaned, parse_numbers, quoted, short

__all__ = ["ID", "Field", "Kind", "format", "parse", "validate"]


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
            legal = value if field.within(value) else None
        case "float" | "optional_float" if isinstance(value, (int, float)) and not isinstance(value, bool):
            legal = float(value) + 0.0 if field.within(value) else None
        case "flag":
            legal = value if isinstance(value, bool) else None
        case "choice":
            legal = value if isinstance(value, str) and value in field.values else None
        case "choices" if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
            unique = len(set(value)) == len(value) and set(value) <= set(field.values)
            legal = value if unique and field.within(len(value)) else None
        case "text" if isinstance(value, str):
            legal = value if field.within(len(value)) and value == cleaned(value) else None
        case "id" if isinstance(value, str):
            legal = value if not value or ID.match(value) else None
        case "numbers" if isinstance(value, str):
            legal = value if not parse_numbers(value, maximum=int(field.maximum or 0))[1] else None
        case "notation" if isinstance(value, str) and field.nearest is not None:
            legal = value if value == field.default or field.nearest(value) == (value, []) else None
    if legal is None:
        raise ValueError(f"{field.name} must be {field.expected}; got {quoted(repr(value), marks=False)}")
    return legal


def _read(field: Field, text: str, notes: list[str]) -> Any:
    """The nearest legal value to what the link says; a correction adds its sentence to ``notes``."""
    word = text.strip()
    if field.optional and word.lower() in ("", "none"):
        return None

    def corrected(value: Any) -> Any:
        notes.append(
            f"{field.query} must be {field.expected}; the link said {quoted(text)}, "
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
