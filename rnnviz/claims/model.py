"""What a claim is: its words, how its verdict follows from numbers, and what is drawn of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlencode

from rnnviz.experiment import Experiment

Verdict = Literal["holds", "part", "not"]
Values = Mapping[str, Any]
"""What a snippet has measured, by name: numbers, texts, lists and dicts of them, all read only."""

VERDICTS: dict[Verdict, str] = {"holds": "holds", "part": "only in part", "not": "does not hold"}
"""Each verdict in words."""


@dataclass(frozen=True)
class Line:
    """A line of a chart: ``ink`` is a cell's name, "plain" for what is stated or expected, or a letter a to e."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    ink: str
    style: Literal["line", "dash", "points"] = "line"


@dataclass(frozen=True)
class Chart:
    """What is drawn of a claim: the titles of the axes, the lines, and the picture in words.

    ``log`` puts y on a log axis, where a 0 is marked, never drawn. ``labels`` names the places 1, 2, ... of x.
    """

    x: str
    y: str
    lines: tuple[Line, ...]
    alt: str
    log: bool = True
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Table:
    """A small table of what was measured: the head and the rows, all as HTML."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Link:
    """An experiment of the app that shows the same: the page, the experiment, and what the view sets besides."""

    page: str
    words: str
    experiment: Experiment
    view: tuple[tuple[str, str], ...] = ()

    @property
    def query(self) -> dict[str, str]:
        """The query parameters of the link."""
        return self.experiment.to_query() | dict(self.view)

    @property
    def address(self) -> str:
        """The link, from the root of the app."""
        return f"/{self.page}?{urlencode(self.query)}"


@dataclass(frozen=True)
class Claim:
    """A claim of common teaching, and what is to be said of it once it is measured.

    ``name`` is that of its snippet and of the claim in links. ``said`` is the claim in a sentence, ``stated``
    its number or core in a few words, both HTML. ``found`` and ``why`` are templates for
    :func:`rnnviz.claims.words.fill`.
    ``judge`` gives the verdict from the numbers alone. ``slow`` means that measuring takes about a second;
    it then prints ``lines`` lines, by which its progress is known.
    """

    name: str
    said: str
    stated: str
    found: str
    why: str
    judge: Callable[[Values], Verdict]
    chart: Callable[[Values], Chart] | None = None
    table: Callable[[Values], Table] | None = None
    link: Link | None = None
    source: str = ""
    slow: bool = False
    lines: int = 1


@dataclass(frozen=True, eq=False)
class Measured:
    """One run of a snippet: what it measured, what it printed, and the seconds it took."""

    claim: Claim
    values: Values
    printed: str
    seconds: float

    @cached_property
    def verdict(self) -> Verdict:
        """Whether the claim holds, from the numbers."""
        return self.claim.judge(self.values)


def steps(count: int, first: int = 0) -> tuple[float, ...]:
    """The places first, first + 1, ... of a line."""
    return tuple(float(k) for k in range(first, first + count))
