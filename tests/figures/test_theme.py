import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest

from rnnviz.figures import theme
from rnnviz.registry import CELLS


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("background", [t.background for t in theme._THEMES.values()])
@pytest.mark.parametrize(
    "colour",
    [*theme.CELL_COLOURS.values(), *theme.GATE_COLOURS.values(), *theme.PATH_COLOURS, theme.NEUTRAL],
)
def test_lines_stand_out_on_both_backgrounds(colour: str, background: str) -> None:
    assert contrast(colour, background) >= 3


SEEN = {
    "all": np.eye(3),
    "no red": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "no green": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "no blue": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
"""What is seen of linear RGB: Machado, Oliveira & Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1."""


def nearest(colours: list[str], seen: np.ndarray) -> float:
    """The least distance of two of the colours in OKLab (Ottosson 2020)."""
    rgb = np.array([[int(one[k : k + 2], 16) for k in (1, 3, 5)] for one in colours]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ np.asarray(seen).T
    cones = linear.clip(0, 1) @ np.transpose(
        [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
    )
    lab = np.cbrt(cones) @ np.transpose(
        [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]
    )
    apart = np.linalg.norm(lab[:, None] - lab, axis=-1)
    return float(apart[np.triu_indices(len(colours), 1)].min())


@pytest.mark.parametrize("one", theme._THEMES.values(), ids=theme._THEMES)
def test_words_in_a_colour_can_be_read_and_stay_apart(one: theme._Theme) -> None:
    assert set(one.shades) == {*theme.CELL_COLOURS.values(), theme.NEUTRAL}
    for shade in one.shades.values():
        assert contrast(shade, one.background) >= 4.5
    for colour in (*theme.GATE_COLOURS.values(), *theme.PATH_COLOURS):
        assert colour in one.shades
    for seen in SEEN.values():
        # As far apart as the lines are where they are nearest: 0.036, violet and grey without blue.
        assert nearest([*one.shades.values()], np.asarray(seen)) >= 0.036


def test_every_cell_and_gate_has_its_look() -> None:
    for looks in (theme.CELL_COLOURS, theme.CELL_DASHES, theme.CELL_SYMBOLS):
        assert set(looks) == set(CELLS)
    assert len(set(theme.CELL_COLOURS.values())) == len(CELLS)
    assert len(set(theme.CELL_SYMBOLS.values())) == len(CELLS)
    letters = {name for cell in CELLS.values() for name in (*cell.gate_names, *cell.states)}
    assert letters <= set(theme.GATE_COLOURS)


@pytest.mark.parametrize("one", theme._THEMES.values(), ids=theme._THEMES)
def test_scales_rise_from_the_background(one: theme._Theme) -> None:
    sequential = one.sequential.split()
    against = [contrast(colour, one.background) for colour in sequential]
    assert against == sorted(against)
    assert against[0] < 1.2
    assert against[-1] > 7
    diverging = one.diverging.split()
    against = [contrast(colour, one.background) for colour in diverging]
    assert against[5] == min(against) < 1.2
    assert against[:6] == sorted(against[:6], reverse=True)
    assert against[5:] == sorted(against[5:])
    assert min(against[0], against[-1]) > 6
    for text in (one.text, one.muted):
        assert contrast(text, one.background) >= 4.5


def test_templates_are_valid_and_scale_for_the_projector() -> None:
    templates = theme.template_dicts()
    assert list(templates) == ["light", "dark", "light-present", "dark-present"]
    for template in templates.values():
        go.layout.Template(template)
        assert len(template["layout"]["colorway"]) == 10
        assert template["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
    for name in ("light", "dark"):
        desk, hall = templates[name], templates[f"{name}-present"]
        assert hall["layout"]["font"]["size"] == pytest.approx(1.5 * desk["layout"]["font"]["size"], rel=0.04)
        assert (
            hall["data"]["scatter"][0]["line"]["width"] == 1.6 * desk["data"]["scatter"][0]["line"]["width"]
        )
        assert hall["layout"]["colorscale"] == desk["layout"]["colorscale"]


def test_register_names_the_templates_and_leaves_the_default() -> None:
    before = pio.templates.default
    theme.register()
    assert {"rnnviz", "rnnviz-dark", "rnnviz-present", "rnnviz-dark-present"} <= set(pio.templates)
    assert pio.templates.default == before
    assert pio.templates["rnnviz-dark"].layout.font.color == "#e6eaea"
