"""What a figure function is: called, it gives a plotly ``Figure``; the app asks it for the plain numbers instead."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Generic, ParamSpec

if TYPE_CHECKING:
    from plotly.graph_objects import Figure
else:
    Figure = Any  # the app draws without ever loading plotly

P = ParamSpec("P")
Spec = dict[str, Any]
"""A figure as plain dicts: ``data`` and ``layout``, with arrays as numpy has them."""


class Drawing(Generic[P]):
    """A pure function from numbers to a ``plotly.graph_objects.Figure``.

    ``spec`` gives the same figure as plain dicts. Building Plotly's objects from them costs more than all else
    that a figure takes, and the app, which sends plain dicts to the browser, does without.
    """

    def __init__(self, spec: Callable[P, Spec]) -> None:
        self.spec = spec
        update_wrapper(self, spec)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Figure:
        """The figure, without Plotly's validation; the tests pass every figure through it."""
        from plotly.graph_objects import Figure

        return Figure(self.spec(*args, **kwargs), _validate=False)
