"""What was chosen, frozen: a table of fields, checked on the way in, as a link and as JSON. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar, TypeVar

from rnnviz.fields import Field, format, validate

Value = TypeVar("Value", bound="Chosen")


class Chosen:
    """The base of a frozen dataclass whose settings the table :attr:`fields` declares.

    Its ``__post_init__`` calls :meth:`check`, which raises ``ValueError`` for an illegal value.
    """

    __slots__ = ()
    fields: ClassVar[tuple[Field, ...]] = ()

    def check(self) -> None:
        """Put every setting into its own type. Raises ``ValueError`` for an illegal value."""
        for name, value in validate(self.fields, self).items():
            object.__setattr__(self, name, value)

    def to_query(self) -> dict[str, str]:
        """What differs from the defaults, as query parameters. What is not in the table stays out."""
        return format(self.fields, self, omit_defaults=True)

    def to_spec(self) -> dict[str, Any]:
        """Everything as JSON values; :meth:`from_spec` gives exactly it back."""
        values: dict[str, Any] = asdict(self)  # type: ignore[call-overload]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @classmethod
    def from_spec(cls: type[Value], spec: Mapping[str, Any]) -> Value:
        """That of a stored run. Raises ``ValueError`` or ``TypeError`` for what is none."""
        if not spec:
            raise ValueError("expected the settings of a run, got none; submit what to_spec gives")
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in spec.items()}
        return cls(**values)
