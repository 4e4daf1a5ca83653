"""The shapes of all tensors on their way through a network, as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.architectures.seen import Stage

MEANING = {
    "N": "steps",
    "M": "answers",
    "S": "short sequences",
    "n": "steps of the first",
    "L": "layers",
    "B": "sequences",
    "D": "inputs",
    "H": "units",
    "O": "outputs",
}
"""What each letter of a shape counts."""

_LETTER = re.compile(r"[A-Za-z]")
_INDEX = re.compile(r"_(\w)")


def table(stages: Sequence[Stage]) -> str:
    """A row a tensor: its name and what it is, its shape in letters, and in numbers as measured."""
    rows = "".join(_row(stage) for stage in stages)
    letters = sorted(
        {found for stage in stages for found in _LETTER.findall(stage.letters)}, key=list(MEANING).index
    )
    key = " · ".join(f"<b>{letter}</b> {MEANING[letter]}" for letter in letters)
    return (
        "<table class='rva-shapes'><caption>Shapes, as measured</caption>"
        f"<tbody>{rows}</tbody></table><p class='rva-letters'>{key}</p>"
    )


def name(text: str) -> str:
    """A name such as "h_N" as HTML, its index lowered."""
    return _INDEX.sub(r"<sub>\1</sub>", escape(text))


def _row(stage: Stage) -> str:
    times = f" <i>× {stage.times}</i>" if stage.times > 1 else ""
    numbers = ", ".join(map(str, stage.shape)) + ("," if len(stage.shape) == 1 else "")
    return (
        f"<tr title='{escape(stage.words, quote=True)}'><th scope='row'>{name(stage.name)}{times}</th>"
        f"<td>{escape(stage.letters)}</td><td><b>({numbers})</b></td></tr>"
    )
