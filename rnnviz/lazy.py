"""Names of a package whose module is loaded when one of them is first asked for, so that importing it is free."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import Any


def lazy(
    package: str, home: Mapping[str, str], names: Collection[str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and the ``__dir__`` (PEP 562) of a package whose public ``names`` are known.

    ``home`` says of those that are not imported with it in which of its modules each stands. Asking for any other name
    raises ``AttributeError``, as it does for every module.
    """

    def get(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{home[name]}"), name)

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[package]), *names})

    return get, listed
