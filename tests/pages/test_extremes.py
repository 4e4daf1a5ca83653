"""Every control to both ends and to every option, on every page and for every cell: nothing may fail."""

import re
from itertools import product

import numpy as np
import pytest
from visitor import EVERY_PAGE, PAGES, Visitor

from rnnviz.experiment import FIELD
from rnnviz.registry import CELLS
from rnnviz.ui import view

SELECTS = {
    "home": ["cell"],
    "gates": ["cell", "beside", "signal", "init"],
    "cell": ["cell", "signal", "init"],
    "states": ["cell", "many", "signal", "init"],
    "gradients": ["signal", "init"],
}
ROWS = {
    "home": {},
    "gates": {"show": 3},
    "cell": {"within": 3},
    "states": {"dims": 2},
    "gradients": {"quantity": 3},
}
SLIDERS = {
    "home": ["scale", "length"],
    "gates": ["unit", "length", "scale", "forget", "hidden"],
    "cell": ["length", "scale", "forget", "hidden"],
    "states": ["unit", "length", "scale", "forget", "hidden"],
    "gradients": ["length", "loss", "scale", "forget", "hidden"],
}
QUICK = {"length": "12", "hidden": "3"}


def drawn(visitor: Visitor) -> None:
    """All charts of the page are there, with data, ranges that are numbers, and a description."""
    charts = list(visitor.charts())
    assert charts
    for chart in charts:
        assert chart["alt"].strip()
        assert chart.get("file", "rnnviz-").startswith(
            "rnnviz-"
        )  # the picture of a cell is none to take away
        assert chart["data"] or visitor.view.quantity == "c"
        for name, axis in chart["layout"].items():
            if name.startswith(("xaxis", "yaxis")):
                assert np.isfinite(axis["range"]).all(), name


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_each_page_opens_at_once_by_its_address(page: str) -> None:
    visitor = Visitor(page)
    drawn(visitor)
    assert visitor.session.page == ("" if page == "home" else page)
    assert not visitor.app.toast
    assert visitor.tail["run"] == visitor.session.run == 1


@pytest.mark.parametrize(("page", "cell"), list(product(PAGES, CELLS)))
def test_sliders_at_both_ends(page: str, cell: str) -> None:
    visitor = Visitor(page, cell=cell, **QUICK)
    enabled = [name for name in SLIDERS[page] if not visitor.slider(name)["disabled"]]
    assert ("scale" in enabled) == (CELLS[cell].recurrent is not None)
    assert ("forget" in enabled) == (CELLS[cell].forget is not None and page != "home")
    for name in enabled:
        sent = visitor.slider(name)
        before = sent["value"]
        ends = [sent["min"], sent["max"]] if name not in ("length", "hidden") else [sent["min"], 40]
        for value in [*ends, *([None] if sent["unset"] else []), before]:
            visitor.drag(name, value)
            where = visitor.view if name == "unit" else visitor.experiment
            assert getattr(where, name) == value
            assert visitor.slider(name)["value"] == value
            drawn(visitor)


@pytest.mark.parametrize("page", PAGES)
def test_every_option_of_every_choice(page: str) -> None:
    visitor = Visitor(page, **QUICK)
    for name in SELECTS[page]:
        box = visitor.app.selectbox(key=f"w_{name}")
        field = view.FIELD.get(name)
        known = FIELD["cells" if name == "cell" else name] if field is None else field
        # A cell is not offered beside itself.
        values = [value for value in known.values if name != "beside" or value != visitor.experiment.cell]
        assert len(box.options) == len(values)
        for value in values:
            visitor.choose(name, value)
            where = visitor.view if field else visitor.experiment
            assert getattr(where, name) == value
            drawn(visitor)
    for name, count in ROWS[page].items():
        values = view.FIELD[name].values
        assert len(values) == count
        for value in values:
            visitor.press(name, value)
            assert getattr(visitor.view, name) == value
            drawn(visitor)


@pytest.mark.parametrize("page", ["gates", "states", "gradients"])
def test_projector_mode_has_no_side_bar_and_larger_charts(page: str) -> None:
    visitor = Visitor(page, **QUICK)
    before = list(visitor.charts())
    visitor.click("Projector mode")
    assert visitor.view.present
    assert visitor.address["present"] == "1"
    assert not visitor.app.sidebar.selectbox
    charts = list(visitor.charts())
    assert all(chart["present"] for chart in charts)
    # All but the preview of the input, which went with the side bar.
    assert sorted(chart["height"] for chart in charts) == sorted(
        round(1.15 * chart["height"]) for chart in before if chart["key"] != "signal_preview"
    )
    assert "font-size: 21px" in visitor.html
    visitor.drag("scale", 2.0)
    assert visitor.view.present
    visitor.click("Leave projector mode")
    assert not visitor.view.present
    assert "present" not in visitor.address
    assert visitor.app.sidebar.selectbox
    assert "font-size: 21px" not in visitor.html


EXTREMES = {
    "shortest": {"length": "2", "hidden": "1", "scale": "0", "forget": "-3", "loss": "1"},
    "longest": {"length": "500", "hidden": "128", "scale": "4", "forget": "6"},
    "identity": {"length": "500", "hidden": "1", "scale": "4", "init": "identity", "loss": "499"},
    "loss first": {"length": "500", "hidden": "2", "scale": "4", "loss": "1"},
    "two letters": {"signal": "text", "text": "aa", "scale": "0"},
    "a long text": {"signal": "text", "text": "".join(map(chr, range(0x4E00, 0x4EC8))), "loss": "200"},
    "two numbers": {"signal": "numbers", "numbers": "1e30 -1e30", "scale": "4"},
    "many numbers": {"signal": "numbers", "numbers": " ".join(map(str, range(500))), "hidden": "2"},
    "zeros": {"signal": "numbers", "numbers": "0 0 0", "scale": "0", "init": "gaussian"},
}
VIEWS = {
    "home": [{}],
    "gates": [{"beside": "lstm_layernorm"}, {"show": "unit", "unit": "127"}, {"show": "spread"}],
    "cell": [{}, {"within": "weights"}],
    "states": [{"dims": "3", "many": "starts"}, {"dims": "2", "many": "strengths"}, {"dims": "3"}],
    "gradients": [{"of": "c", "relative": "1"}, {"of": "x"}, {"of": "h"}],
}


@pytest.mark.parametrize(("page", "extreme"), list(product(PAGES, EXTREMES)))
def test_extremes_together(page: str, extreme: str) -> None:
    # The slowest run is left to the cells that torch has itself.
    names = [name for name in CELLS if extreme != "longest" or CELLS[name].torch_class]
    for k, one in enumerate(VIEWS[page]):
        cells = names[2 * k :] + names[: 2 * k]
        visitor = Visitor(page, cell=",".join(cells[:6]), **EXTREMES[extreme], **one)
        drawn(visitor)
        assert not visitor.app.toast
        brief = int(EXTREMES[extreme].get("length", 0)) < 500 and extreme != "many numbers"
        for cell in (
            cells
            if page in ("gates", "cell", "states") and k == 0 and (brief or extreme == "identity")
            else ()
        ):
            drawn(visitor.choose("cell", cell))


@pytest.mark.parametrize("quantity", ["h", "x"])
def test_a_gradient_over_states_that_are_no_numbers_is_none(quantity: str) -> None:
    wanted = {"cell": "rnn_relu", "length": "300", "scale": "4", "init": "identity", "hidden": "4"}
    visitor = Visitor("gradients", of=quantity, **wanted)
    drawn(visitor)
    curve = visitor.chart("gradients")["data"][0]
    known = [300] if quantity == "h" else []
    assert np.asarray(curve["x"])[np.isfinite(np.asarray(curve["y"], "f8"))].tolist() == known
    words = re.sub(r"<[^>]+>", "", visitor.html)
    start = "is 2 at the loss and no number at 299" if quantity == "h" else "is no number at 300"
    step = int(re.search(r"leaves float32's range at step (\d+)", words)[1])  # type: ignore[index]
    assert f"‖∂L/∂{quantity}‖ {start} of 300 steps" in words
    assert 60 < step < 70
