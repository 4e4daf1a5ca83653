"""Running the snippets: the very text that is shown is what is executed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from threading import Lock
from types import CodeType, MappingProxyType
from typing import Any

from rnnviz.claims.model import Claim, Measured

Report = Callable[[float], None]
_results: dict[str, Measured] = {}
_locks: defaultdict[str, Lock] = defaultdict(Lock)


@cache
def code(name: str) -> str:
    """The text of a snippet, a complete Python file."""
    return (files("rnnviz.claims") / "snippets" / f"{name}.py").read_text("utf-8")


def known(claim: Claim) -> Measured | None:
    """The claim's numbers if they have been measured, else None."""
    return _results.get(claim.name)


def measured(claim: Claim, report: Report | None = None) -> Measured:
    """The claim's numbers: measured at the first call, kept from then on, as they are the same for everybody."""
    with _locks[claim.name]:  # two visitors at once cause one run
        if claim.name not in _results:
            _results[claim.name] = measure(claim, report)
        return _results[claim.name]


def measure(claim: Claim, report: Report | None = None) -> Measured:
    """Run the claim's snippet now, in a namespace of its own.

    What it prints is caught by a ``print`` of its own. ``report`` is called with the share of lines printed and
    may raise to stop the run. Raises ``ValueError`` for a snippet that leaves no dict ``measured``.
    """
    printed: list[str] = []

    def catch(*values: object, sep: str = " ", end: str = "\n") -> None:
        printed.append(sep.join(map(str, values)) + end)
        if report is not None:
            report(min(len(printed) / claim.lines, 1.0))

    space: dict[str, Any] = {"__name__": "__main__", "print": catch}
    began = time.perf_counter()
    exec(_compiled(claim.name), space)
    seconds = time.perf_counter() - began
    values = space.get("measured")
    if not isinstance(values, dict):
        raise ValueError(
            f"expected {claim.name}.py to end with a dict `measured`, got {type(values).__name__}"
        )
    return Measured(claim, _frozen(values), "".join(printed), seconds)


@cache
def _compiled(name: str) -> CodeType:
    return compile(code(name), f"{name}.py", "exec")


def _frozen(value: Any) -> Any:
    """Lists as tuples and dicts read only: the results are shared between visitors."""
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(inner) for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return tuple(_frozen(inner) for inner in value)
    if not isinstance(value, bool | int | float | str):
        raise ValueError(
            f"expected numbers, texts, lists and dicts in `measured`, got {type(value).__name__}"
        )
    return value
