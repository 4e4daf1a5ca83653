"""The arithmetic beside the picture of a cell, in Chromium: its letters are the registry's, its numbers the model's."""

import base64
import math
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from harness import wait_until
from playwright.sync_api import Page, expect
from torch import Tensor

from rnnviz.dataflow import Node
from rnnviz.dataflow_cells import Term
from rnnviz.experiment import Experiment
from rnnviz.inside import Inside, inside
from rnnviz.modules import CellModule
from rnnviz.observe import observe
from rnnviz.registry import CELLS
from rnnviz.trace import trace
from rnnviz.ui.cell import component

T, UNIT = 9, 1
STEP = 5
"""Steps of a run, and the unit and the step (from 0) that are looked at."""

OPEN = """([names, t, unit]) => {
  const select = document.querySelector('select.rvl-unit');
  select.value = unit;
  select.dispatchEvent(new Event('change'));
  dispatchEvent(new CustomEvent('rnnviz:time', { detail: { t } }));
  return names.map((name) => {
    const open = () => document.querySelector('[data-sums]').dataset.sums === name;
    const box = document.querySelector(`[data-box="${name}"]`);
    for (let k = 0; k < 2 && !open(); k++) box.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    const sheet = document.querySelector('[data-sums]');
    const text = (node) => node.textContent;
    const all = (selector, of = sheet) => [...of.querySelectorAll(selector)];
    return {
      sums: sheet.dataset.sums,
      equation: all('.rvl-equation').map(text)[0] ?? '',
      numbers: all('[data-number]').map((node) => [node.dataset.number, text(node)]),
      vectors: all('[data-vector]').map((node) => [node.dataset.vector, all('.rvl-value', node).map(text)]),
      products: all('.rvl-product').map((line) => all('.rvl-index, .rvl-value', line).map(text)),
      lines: all('.rvl-chain > :not(.rvl-lhs)').map(text),
      names: all('.rvl-where').map(text),
      units: all('.rvl-one-of > .rvl-value').map(text),
      differs: !sheet.querySelector('.rvl-differs').hidden,
    };
  });
}"""
"""Opens nodes, one after the other, at a step for a unit, and reads what is written of each."""

MOUNT = """async (data) => {
  const urls = performance.getEntriesByType('resource').map(({ name }) => name);
  const module = urls.find((url) => url.endsWith('/cell.js'));
  const { default: cell } = await import(module);
  window.place?.remove();
  window.place = document.createElement('div');
  document.querySelector('[data-testid=stMain]').replaceChildren(window.place);
  window.place.style.width = '900px';
  cell({ data: Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)), parentElement: window.place });
  while (!document.querySelector('[data-box]')) await new Promise(requestAnimationFrame);
}"""
"""Another run in the page's own picture of a cell, without a server."""

Read = dict[str, Any]


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def near(text: str, value: float) -> bool:
    """Whether a number is shown as it is, to the digits that it has."""
    shown = text.replace("−", "-")
    if "e" in shown:
        return math.isclose(float(shown), value, rel_tol=0.06)
    digits = len(shown.partition(".")[2])
    return abs(float(shown) - value) <= 0.5000001 * 10**-digits + 1e-6 * abs(value)


def alike(texts: list[str], values: Tensor) -> bool:
    return all(near(text, value) for text, value in zip(texts, values.tolist(), strict=True))


def latex(equation: str) -> tuple[str, str]:
    """An equation of the registry as left and right side in plain letters."""
    plain = re.sub(r"\\mathrm\{(\w+)\}", r"\1", equation)
    for name, letter in ((r"\sigma", "σ"), (r"\odot", "⊙"), (r"\tanh", "tanh")):
        plain = plain.replace(name, letter)
    left, _, right = re.sub(r"[\s&_{}]", "", plain).partition("=")
    return left, right


def written(equation: str) -> tuple[str, str]:
    left, _, right = re.sub(r"\s", "", equation).replace("−", "-").partition("=")
    return left, right


class Truth:
    """What a node must show, worked out again from the weights by PyTorch, in double precision."""

    def __init__(self, seen: Inside, t: int) -> None:
        self.seen, self.t = seen, t
        self.blocks = CELLS[seen.cell].blocks
        self.H = seen.values["h"].shape[1]

    def value(self, name: str) -> Tensor:
        return self.seen.values[name][self.t].double()

    def rows(self, parameter: str, block: str) -> Tensor:
        whole = self.seen.params[parameter].double()
        return whole.chunk(len(self.blocks))[self.blocks.index(block)]

    def normed(self, value: Tensor) -> Tensor:
        return (value - value.mean()) / (value.var(correction=0) + 1e-5).sqrt()

    def product(self, term: Term, block: str) -> Tensor:
        return self.rows(term.matrix, block) @ self.value(term.of)

    def of(self, node: Node) -> dict[str, Tensor]:
        """Every number of a node that weights make, all units, by the name that the page gives it."""
        found: dict[str, Tensor] = {}
        total = torch.zeros(self.H, dtype=torch.float64)
        weighed = [term for term in node.terms if term.matrix]
        for term in node.terms:
            if term.each:
                found[term.each] = self.seen.params[term.each].double() * self.value(term.of)
                total += found[term.each]
            elif not term.matrix:
                found[term.of] = self.value(term.of)
                total += found[term.of]
            else:
                product = self.product(term, node.block)
                found[f"{term.matrix} before" if term.gain else term.matrix] = product
                if term.gain:
                    over = term.over or self.blocks
                    whole = self.normed(torch.cat([self.product(term, name) for name in over]))
                    product = whole.chunk(len(over))[over.index(node.block)]
                    found[term.gain] = product * self.rows(term.gain, node.block)
                    product = found[term.gain]
                if not node.gain:
                    total += product
                if term.bias in self.seen.params:
                    found[term.bias] = self.rows(term.bias, node.block)
                    total += found[term.bias]
        if node.gain:
            sums = [sum(self.product(term, name) for term in weighed) for name in self.blocks]
            whole = self.normed(torch.cat(sums))  # type: ignore[arg-type]
            found[node.gain] = whole.chunk(len(self.blocks))[self.blocks.index(node.block)]
            found[node.gain] = found[node.gain] * self.rows(node.gain, node.block)
            total += found[node.gain]
        return {**found, "a": total, "result": self.value(node.name)}


def check(seen: Inside, read: Read, node: Node, t: int, unit: int) -> None:
    """One node at one step."""
    where = f"{seen.cell}, {node.name}, H={seen.values['h'].shape[1]}: {read}"
    assert read["sums"] == node.name, where
    assert not read["differs"], where
    truth = Truth(seen, t)
    own = truth.value(node.name)
    shown = dict(read["numbers"])
    if len(own) == truth.H:
        assert near(shown["value"], float(own[unit])), where
    if node.kind == "source":
        return
    found = truth.of(node) if node.terms else {"result": own}
    few = 1 < truth.H <= 4
    if not few:
        assert near(shown["result"], float(own[unit])), where
        for name, text in shown.items():
            if name in found:
                assert near(text, float(found[name][unit])), (name, where)
        if node.terms:
            assert {name for name in found if name != "a" or node.kind != "linear"} <= set(shown), where
        for line in read["lines"]:
            reckoned(line, own[unit], where)
        for index, *three in read["products"]:
            weight, value, product = map(number, three)
            assert abs(weight * value - product) < 1e-3 * (1 + abs(weight) + abs(value)), (index, where)
        if read["units"]:
            assert alike(read["units"], own), where
        return
    vectors = dict(read["vectors"])
    assert alike(vectors["result"], own), where
    for term in node.terms:
        if not term.matrix:
            continue
        matrix = truth.rows(term.matrix, node.block).flatten()
        assert alike(vectors[term.matrix], matrix), where
        product = truth.product(term, node.block)
        columns = vectors[f"{term.matrix} product"]
        assert alike(columns, product), where
    if node.terms and node.kind != "linear":
        assert alike(vectors["a"], found["a"]), where


def reckoned(line: str, result: Tensor, where: str) -> None:
    """What a pocket calculator makes of a line, as it stands there."""
    plain = line.replace("\u00a0", " ").lstrip("= ").replace("−", "-").replace("·", "*")
    assert re.fullmatch(r"[-+*/()\d.e a-zA-Z]+", plain), line
    known = {"tanh": math.tanh, "ReLU": lambda a: max(a, 0.0)}
    if "LN" not in plain:
        found = eval(plain, {"__builtins__": {}}, known)
        assert abs(found - float(result)) < 5e-3 * (1 + abs(float(result))), (line, where)


def looked(cell: str, hidden: int, **more: Any) -> Inside:
    run = observe(Experiment(cells=(cell,), length=T, hidden=hidden, scale=1.4, seed=3, **more), cell)
    return inside(run.trace.layers[0], run.x, run.gradients.layers[0])


def opened(page: Page, name: str, t: int, unit: int | str) -> Read:
    read: Read = page.evaluate(OPEN, [[name], t, unit])[0]
    return read


def everything(page: Page, seen: Inside) -> list[Read]:
    """Every node of a run is opened and checked."""
    found: list[Read] = page.evaluate(OPEN, [[node.name for node in seen.nodes], STEP, UNIT])
    for read, node in zip(found, seen.nodes, strict=True):
        check(seen, read, node, STEP, UNIT)
    return found


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Inside], str]:
    """What Python sends to the browser for a run."""
    sent: list[bytes] = []
    monkeypatch.setattr(component, "_component", lambda: lambda key, data: sent.append(data))

    def pack(seen: Inside) -> str:
        component.cell(seen, key="cell", alt="a cell", height=560, unrolled=False)
        return base64.b64encode(sent.pop()).decode()

    return pack


def test_every_number_of_every_node_is_the_models(
    page: Page, server: str, packed: Callable[[Inside], str]
) -> None:
    page.goto(f"{server}/cell?cell=gru&hidden=16&length={T}&scale=1.4&seed=3")
    wait_until(page, "document.querySelector('[data-sums]') && document.querySelector('select.rvl-unit')")
    seen = looked("gru", 16)
    everything(page, seen)  # by the link, as a visitor comes

    # A letter in an equation opens its quantity.
    opened(page, "h", STEP, UNIT)
    page.locator(".rvl-equation [data-open=z]").first.click()
    expect(page.locator("[data-sums]")).to_have_attribute("data-sums", "z")
    # The largest products stand first where that is asked for; each is the model's.
    page.get_by_role("button", name="by size").click()
    read = opened(page, "z", STEP, UNIT)
    sizes = [abs(number(product)) for *_, product in read["products"]]
    assert len(sizes) == 16
    assert sizes == sorted(sizes, reverse=True)
    row, before = seen.params["weight_hh"][16 + UNIT].double(), seen.values["h_before"][STEP].double()
    for index, weight, value, _ in read["products"]:
        assert near(weight, row[int(index)])
        assert near(value, before[int(index)])
    assert f"weight_hh_l0[{16 + UNIT}]" in read["names"]
    # The mean of all units, said as such.
    read = opened(page, "z", STEP, "all")
    assert near(dict(read["numbers"])["result"], float(seen.values["z"][STEP].double().mean()))
    # Where the state came from: one step back.
    opened(page, "h_before", STEP, UNIT)
    page.get_by_role("button", name=f"Back to step {STEP}").click()
    expect(page.locator("[data-sums]")).to_have_attribute("data-sums", "h")

    for cell, known in CELLS.items():
        equations = dict(map(latex, known.equations.split(r"\\")))
        # The layer-norm LSTM has its pre-activation as a line of its own there.
        equations = {left: right for left, right in equations.items() if "at^" not in right}
        for hidden in (2, 3, 16):
            seen = looked(cell, hidden)
            page.evaluate(MOUNT, packed(seen))
            for read in everything(page, seen):
                left, right = written(read["equation"])
                assert right == equations.get(left, right), (cell, left)


def test_variants_words_and_numbers_that_are_no_more(
    page: Page, server: str, packed: Callable[[Inside], str]
) -> None:
    page.goto(f"{server}/cell?cell=rnn&hidden=2&length=4")
    wait_until(page, "document.querySelector('[data-sums]') && document.querySelector('select.rvl-unit')")
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(T, 1, 3, generator=generator)
    for cell in CELLS:
        module = CellModule(cell, 3, 5, layernorm=True, residual=True)
        module.reset_parameters(generator)
        for name, parameter in module.named_parameters():
            if name.startswith("gain"):
                parameter.data.add_(0.3 * torch.randn(parameter.shape, generator=generator))
        layer = trace(module, x).layers[0]
        seen = inside(layer, x)
        page.evaluate(MOUNT, packed(seen))
        if not CELLS[cell].gates:  # what is added to h has an equation of its own
            page.get_by_role("button", name="all equations").dispatch_event("click")
            lines = page.locator(".rvl-equation").all_inner_texts()
            assert [text.partition("=")[0].strip() for text in lines] == ["h\u0303t", "ht"]
        everything(page, seen)

    # One letter of many: only the column that it chooses is written out.
    seen = looked("lstm", 16, signal="text", text="hello you")
    page.evaluate(MOUNT, packed(seen))
    everything(page, seen)
    assert len(opened(page, "f", STEP, UNIT)["products"]) == 16

    # What is not finite is no number, in the arithmetic as in the network.
    wild = CellModule("rnn_relu", 3, 5)
    wild.reset_parameters(generator)
    wild.weight_hh.data = 1e12 * torch.eye(5)
    seen = inside(trace(wild, x + 3).layers[0], x + 3)
    page.evaluate(MOUNT, packed(seen))
    last = opened(page, "h", T - 1, UNIT)
    assert dict(last["numbers"])["result"] == "—"
    assert not any(opened(page, "h", t, UNIT)["differs"] for t in range(T))
