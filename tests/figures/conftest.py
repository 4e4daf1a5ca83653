"""Layers of real modules, and the checks that every figure must pass."""

import json
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest

from rnnviz import build
from rnnviz.experiment import Experiment
from rnnviz.figures import theme
from rnnviz.trace import LayerTrace, trace

THEME_COLOURS = {
    colour
    for one in theme._THEMES.values()
    for colour in (
        one.background,
        one.text,
        one.muted,
        one.border,
        *one.sequential.split(),
        *one.diverging.split(),
    )
}


@pytest.fixture
def layer() -> Callable[..., LayerTrace]:
    """The first layer of a cell in an experiment: ``layer("gru", hidden=3, length=9)``."""

    def make(cell: str, **settings: object) -> LayerTrace:
        experiment = Experiment(cells=(cell,), **{"hidden": 3, "length": 9, **settings})
        return trace(build.build_module(experiment, cell), build.build_input(experiment)).layers[0]

    return make


@pytest.fixture
def sound() -> Callable[[go.Figure], go.Figure]:
    """Check what all figures have in common, and give the figure back."""

    def check(fig: go.Figure) -> go.Figure:
        plain = {"data": [trace._props for trace in fig.data], "layout": fig.to_dict()["layout"]}
        go.Figure(plain)  # Plotly's full validation, which the figures skip
        assert plain["layout"]["template"] == {}
        assert plain["layout"]["uirevision"]
        text = fig.to_json(validate=False)
        assert not {colour for colour in THEME_COLOURS if colour in text.lower()}
        for one in plain["data"]:
            assert not any(_infinite(one.get(axis)) for axis in "xyz")
        sent = json.loads(text)["layout"]
        for name, axis in sent.items():
            if name.startswith(("xaxis", "yaxis")):
                assert len(axis["range"]) == 2, f"{name} has no fixed range"
        return fig

    return check


def _infinite(values: object) -> bool:
    return values is not None and bool(np.isinf(np.asarray(values, dtype=float)).any())
