"""A setting: what it is called, what it may be, and both in words. Imports neither torch nor numpy nor pandas."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rnnviz.typed import LARGEST_NUMBER, short

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

    def within(self, value: int | float) -> bool:
        """Whether the number lies in the range; NaN does not."""
        return (self.minimum or 0) <= value <= (self.maximum or 0)

    @property
    def expected(self) -> str:
        """What the setting may be, in words."""
        match self.kind:
            case "int" | "optional_int":
                return f"a whole number from {self.range}"
            case "float" | "optional_float":
                return f"from {self.range}"
            case "flag":
                return "1 or 0"
            case "id":
                return "the id of a run, 16 to 64 letters, digits, - and _"
            case "choice":
                return f"one of {', '.join(self.values)}"
            case "choices":
                return f"{self.range} different names out of {', '.join(self.values)}"
            case "text":
                return f"{self.range} characters without control characters"
            case "numbers":
                return f"{self.range} numbers with commas or spaces between, up to {short(LARGEST_NUMBER)}"
            case "notation":
                return "what the app itself writes there"
