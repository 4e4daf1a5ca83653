"""One look for all figures, in four templates: light and dark, each for a desk and for a projector.

The figures themselves carry no colours that belong to a theme. The page lays a template under them, in the
browser or with ``figure.update_layout(template="rnnviz")`` in a notebook after :func:`register`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

FONT = "Inter, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', system-ui, sans-serif"
"""Fonts of the system, whose numerals are all of one width (Inter's nearly so)."""

CELL_COLOURS: dict[str, str] = {
    "rnn": "#00996f",
    "lstm": "#0072b2",
    "gru": "#cf5200",
    "rnn_relu": "#d069a6",
    "rnn_linear": "#6f787d",
    "gru_reset_before": "#a99200",
    "lstm_peephole": "#3d93d6",
    "lstm_layernorm": "#7a63d0",
    "mingru": "#c2334d",
}
"""A colour for each cell: Okabe & Ito's hues (2008), moved until each stands out 3:1 on both grounds."""

CELL_DASHES: dict[str, str] = {
    "rnn": "solid",
    "lstm": "solid",
    "gru": "solid",
    "rnn_relu": "dash",
    "rnn_linear": "dash",
    "gru_reset_before": "dash",
    "lstm_peephole": "dot",
    "lstm_layernorm": "dashdot",
    "mingru": "dot",
}
"""A line style for each cell; together with the symbol it tells cells apart without colour."""

CELL_SYMBOLS: dict[str, str] = {
    "rnn": "square",
    "lstm": "circle",
    "gru": "triangle-up",
    "rnn_relu": "diamond",
    "rnn_linear": "cross",
    "gru_reset_before": "triangle-down",
    "lstm_peephole": "circle-open",
    "lstm_layernorm": "hexagon",
    "mingru": "x",
}
"""A marker for each cell."""

GATE_COLOURS: dict[str, str] = {
    "i": "#00996f",
    "f": "#cf5200",
    "o": "#7a63d0",
    "g": "#a99200",
    "r": "#00996f",
    "z": "#cf5200",
    "n": "#a99200",
    "c": "#c2334d",
    "h": "#0072b2",
}
"""A colour for each gate and state. Gates with the same task share one: f and z keep, g and n propose."""

PATH_COLOURS: tuple[str, ...] = tuple(
    CELL_COLOURS[name]
    for name in (
        "lstm",
        "gru",
        "rnn",
        "rnn_relu",
        "gru_reset_before",
        "lstm_layernorm",
        "mingru",
        "lstm_peephole",
    )
)
"""Colours of several paths or lines of one kind, taken in turn."""

NEUTRAL = "#7d868a"
"""A grey that reads on both backgrounds: the input, guides, remarks."""


@dataclass(frozen=True)
class _Theme:
    """The colours of one theme. The scales are even in OKLab lightness, so equal steps look equal.

    ``words`` are the shades in which words in a cell's colour are written, in the order of :data:`CELL_COLOURS`: thin
    letters need more contrast than lines, 4.5:1 (WCAG 2.2, 1.4.3). They were searched for near their colours in OKLab,
    so that they stay apart for those who see red, green or blue otherwise too.
    """

    background: str
    text: str
    muted: str
    border: str
    primary: str
    sequential: str
    diverging: str
    words: str

    @property
    def shades(self) -> dict[str, str]:
        """The shade for words in each colour that is the same in both themes."""
        return {**dict(zip(CELL_COLOURS.values(), self.words.split(), strict=True)), NEUTRAL: self.muted}


_LIGHT = _Theme(
    background="#fdfdfb",
    text="#1c2326",
    muted="#566166",
    border="#dfe1da",
    primary="#0a678f",
    sequential="#f0f2ec #c3dbe1 #96c4d5 #6cacc8 #3e94ba #1f7aa4 #096188 #064968 #04324a",
    diverging="#8f3d06 #b25a18 #d67729 #e7a069 #f1c9a6 #f3f3ee #b8d4e2 #80b3d2 #4893bf #2270a1 #0b4f7d",
    words="#247c5d #005d93 #a34719 #b84e8f #444c51 #857419 #1e79bb #785dd3 #c2334d",
)

_DARK = _Theme(
    background="#12171a",
    text="#e6eaea",
    muted="#9aa5a9",
    border="#2e383d",
    primary="#4fb3d9",
    sequential="#1c2428 #203d4b #205871 #2c7492 #3990b5 #5eadcd #83c9e4 #b7e3f4 #f0fbff",
    diverging="#ffd09a #e5a061 #c5732b #925320 #5f371c #1c2428 #1f475e #266b93 #3692c5 #6eb9e5 #a8e0ff",
    words="#2fac81 #2686c7 #fb6f27 #d069a6 #788287 #aa9945 #4ea7ee #8d75ea #dd4d62",
)

_THEMES = {"light": _LIGHT, "dark": _DARK}


@cache
def template_dicts() -> dict[str, dict[str, Any]]:
    """The templates "light", "dark", "light-present" and "dark-present", ready for ``layout.template``.

    In the "present" ones type is 1.5 times and lines 1.6 times as large, for a projector. ``layout.meta`` holds the
    shades of the theme for words in a colour, which the browser puts in.
    """
    return {
        name + suffix: _template(theme, type_scale, line_scale)
        for suffix, type_scale, line_scale in (("", 1.0, 1.0), ("-present", 1.5, 1.6))
        for name, theme in _THEMES.items()
    }


def register() -> None:
    """Name the templates for plotly: "rnnviz", "rnnviz-dark", "rnnviz-present", "rnnviz-dark-present"."""
    import plotly.graph_objects as go
    import plotly.io as pio

    for name, template in template_dicts().items():
        pio.templates["rnnviz" + name.removeprefix("light").replace("dark", "-dark")] = go.layout.Template(
            template
        )


def _scale(spelt: str, *, back: bool = False) -> list[list[float | str]]:
    colours = spelt.split()[::-1] if back else spelt.split()
    last = len(colours) - 1
    return [[k / last, colour] for k, colour in enumerate(colours)]


def _template(theme: _Theme, type_scale: float, line_scale: float) -> dict[str, Any]:
    """A template: sizes are those of a desk, times the scales."""

    def points(size: float) -> int:
        return round(size * type_scale)

    def font(size: float, colour: str) -> dict[str, Any]:
        return {"family": FONT, "size": points(size), "color": colour}

    small = font(12.0, theme.muted)
    line = 2 * line_scale
    axis = {
        "automargin": True,
        "gridcolor": theme.border,
        "gridwidth": 1,
        "linecolor": theme.border,
        "showgrid": False,
        "showline": False,
        "tickcolor": theme.border,
        "tickfont": small,
        "ticklen": points(4.0),
        "ticks": "",
        "title": {"font": small, "standoff": points(8.0)},
        "zeroline": False,
        "zerolinecolor": theme.border,
        "zerolinewidth": 1,
    }
    scene_axis = {
        "backgroundcolor": "rgba(0,0,0,0)",
        "color": theme.muted,
        "gridcolor": theme.border,
        "linecolor": theme.border,
        "showspikes": False,
        "tickfont": font(11.0, theme.muted),
        "title": {"font": small},
        "zerolinecolor": theme.border,
    }
    bar = {
        "outlinewidth": 0,
        "thickness": points(9.0),
        "tickfont": font(11.0, theme.muted),
        "ticklen": 0,
        "title": {"font": font(12.0, theme.text)},
        "xpad": points(8.0),
        "ypad": 0,
    }
    layout = {
        "annotationdefaults": {"font": font(13.0, theme.text), "showarrow": False},
        "colorscale": {
            "sequential": _scale(theme.sequential),
            "sequentialminus": _scale(theme.sequential, back=True),
            "diverging": _scale(theme.diverging),
        },
        "colorway": [*PATH_COLOURS, CELL_COLOURS["rnn_linear"], NEUTRAL],
        "font": font(13.0, theme.text),
        "hoverlabel": {
            "align": "left",
            "bgcolor": theme.background,
            "bordercolor": theme.border,
            "font": font(12.5, theme.text),
        },
        "legend": {"bgcolor": "rgba(0,0,0,0)", "font": font(12.5, theme.text), "orientation": "h"},
        "meta": {"shades": theme.shades},
        "margin": {"l": points(48.0), "r": points(20.0), "t": points(30.0), "b": points(42.0)},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": theme.muted, "activecolor": theme.primary},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "scene": {"xaxis": scene_axis, "yaxis": scene_axis, "zaxis": scene_axis},
        "shapedefaults": {"fillcolor": theme.text, "line": {"color": theme.muted, "width": line_scale}},
        "xaxis": axis,
        "yaxis": axis,
    }
    data = {
        "bar": [{"marker": {"line": {"width": 0}}, "textfont": font(12.0, theme.text)}],
        "heatmap": [{"colorbar": bar}],
        "scatter": [{"line": {"width": line}, "marker": {"size": round(7 * line_scale), "colorbar": bar}}],
        "scatter3d": [
            {
                "line": {"width": 1.5 * line},
                "marker": {"size": round(4 * line_scale), "line": {"width": 0}, "colorbar": bar},
            }
        ],
    }
    return {"layout": layout, "data": data}
