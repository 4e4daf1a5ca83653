"""The claims: their frame. What each snippet measures is checked another way in test_claims_numbers.py."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnviz import fields
from rnnviz.claims import CLAIMS, GROUPS, VERDICTS, code, fill, known, measure, measured, number
from rnnviz.claims.model import Claim, Measured, Table
from rnnviz.experiment import Experiment
from rnnviz.ui import view as views

ROOT = Path(__file__).parents[1]
SNIPPETS = ROOT / "rnnviz" / "claims" / "snippets"
QUICK = [name for name, claim in CLAIMS.items() if not claim.slow]
EXPECTED = {
    "holds": {"linear", "parameters", "by_hand"},
    "part": {"sigmoid", "orthogonal", "lstm_keeps", "cell_path", "bounded"},
}


class Tags(HTMLParser):
    """Collects the tags, and fails on one that is not closed in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def well_formed(html: str) -> None:
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    assert tags.seen <= {"sub", "sup", "b", "i", "code"}


def test_every_claim_has_a_snippet_and_every_snippet_a_claim() -> None:
    assert sorted(CLAIMS) == sorted(path.stem for path in SNIPPETS.glob("*.py"))
    assert sum(len(claims) for claims in GROUPS.values()) == len(CLAIMS) >= 13
    for name in CLAIMS:
        assert code(name) == (SNIPPETS / f"{name}.py").read_text("utf-8")


@pytest.mark.parametrize("name", CLAIMS)
def test_the_words_quote_only_what_was_measured(name: str) -> None:
    claim = CLAIMS[name]
    result = measured(claim)
    for template in (claim.found, claim.why):
        for bold in (False, True):
            words = fill(template, result.values, bold=bold)
            well_formed(words)
            assert not re.search(r"[{}]|nan\b|not a number|tuple|mappingproxy", words)
    for words in (claim.said, claim.stated):
        well_formed(words)
        assert "{" not in words
    assert not claim.said.endswith(".")
    assert claim.why.endswith((".", ".)"))
    # Something measured is quoted, both in the overview and in the paragraph, but for pure conventions.
    assert "{" in claim.why or name == "parameters"
    assert "{" in claim.found or name == "gru_z"


@pytest.mark.parametrize("name", CLAIMS)
def test_the_verdict_follows_from_the_numbers(name: str) -> None:
    wanted = next((verdict for verdict, names in EXPECTED.items() if name in names), "not")
    assert measured(CLAIMS[name]).verdict == wanted
    assert wanted in VERDICTS


TURNED = {
    "chain": ({"at10": 1e-3, "at50": 1e-10}, "holds"),
    "linear": ({"error": 1e-3}, "not"),
    "above_one": ({"product": 5.0}, "holds"),
    "sigmoid": ({"factors": (0.2, 0.25)}, "holds"),
    "weight_norm": ({"weight": {"rnn": (1.0, 1e-6), "lstm": (1.0, 0.1)}}, "holds"),
    "retain_grad": ({"retained": (1.0,) * 30}, "holds"),
    "relu": ({"relu_first": 0.5}, "holds"),
    "orthogonal": ({"tanh_end": 1.0}, "holds"),
    "clipping": ({"early_after": (1.0, 20.0)}, "part"),
    "lstm_keeps": ({"lstm": 0.5}, "holds"),
    "memory": ({"left": (0.0, 0.5)}, "holds"),
    "forget_bias": ({"bias": 1.0}, "holds"),
    "cell_path": ({"norm_rest": 0.0}, "holds"),
    "open_closed": ({"decided": 0.95}, "holds"),
    "bounded": ({"c": (0.5, -0.9)}, "holds"),
    "gru_z": ({"kept": 0.3}, "holds"),
    "gru_reset": ({"eight": 0.0}, "holds"),
    "parameters": ({"ratios": (0.75, 0.8)}, "not"),
    "by_hand": ({"apart": 0.1}, "not"),
    "scaling": ({"ratio": 1.0}, "holds"),
    "bidirectional": ({"read": {"forward": 30, "backward": 30}}, "holds"),
    "windows": ({"dropped": 0}, "holds"),
    "scaler": ({"train_top": 1.0}, "holds"),
    "shuffle": ({"ratio": 1.0}, "holds"),
    "overlay": ({"moved": 0.4}, "holds"),
    "level_lstm": ({"ratio": 0.5}, "holds"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_other_numbers_would_give_another_verdict(name: str) -> None:
    changes, verdict = TURNED[name]
    claim = CLAIMS[name]
    assert claim.judge({**measured(claim).values, **changes}) == verdict


@pytest.mark.parametrize("name", CLAIMS)
def test_charts_and_tables_hold_what_was_measured(name: str) -> None:
    claim = CLAIMS[name]
    values = measured(claim).values
    assert claim.chart or claim.table
    if claim.chart:
        chart = claim.chart(values)
        assert chart.alt
        for line in chart.lines:
            assert len(line.x) == len(line.y) > 0
            assert all(isinstance(number, float) for number in (*line.x, *line.y))
        assert chart.labels is None or len(chart.labels) == len(chart.lines[0].x)
    if claim.table:
        table = claim.table(values)
        assert isinstance(table, Table)
        for row in table.rows:
            assert len(row) == len(table.head)
            for cell in row:
                well_formed(cell)


@pytest.mark.parametrize("name", [name for name, claim in CLAIMS.items() if claim.link])
def test_the_link_is_legal_as_it_stands(name: str) -> None:
    link = CLAIMS[name].link
    assert link is not None
    experiment, notes = Experiment.from_query(link.query)
    assert (experiment, notes) == (link.experiment, [])
    values, notes = fields.parse(views.FIELDS, link.query)
    assert notes == []
    assert fields.format(views.FIELDS, views.View(**values), omit_defaults=True) == dict(link.view)
    assert (ROOT / "pages" / f"{link.page}.py").exists()
    known = {field.query for field in (*fields_of_experiment(), *views.FIELDS)}
    assert set(link.query) <= known
    assert link.address.startswith(f"/{link.page}?cell=")


def fields_of_experiment() -> tuple[fields.Field, ...]:
    from rnnviz.experiment import FIELDS

    return FIELDS


def test_each_snippet_runs_as_a_script_of_its_own() -> None:
    """One interpreter for all: `runpy` gives each the empty namespace and the name of a script."""
    driver = (
        "import contextlib, io, json, runpy, sys\n"
        "printed = {}\n"
        "for path in sys.argv[1:]:\n"
        "    with contextlib.redirect_stdout(io.StringIO()) as out:\n"
        "        space = runpy.run_path(path, run_name='__main__')\n"
        "    printed[path] = [out.getvalue(), sorted(space['measured'])]\n"
        "print(json.dumps(printed))\n"
    )
    paths = [str(SNIPPETS / f"{name}.py") for name in CLAIMS]
    done = subprocess.run(
        [sys.executable, "-c", driver, *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = json.loads(done.stdout)
    for name, path in zip(CLAIMS, paths, strict=True):
        result = measured(CLAIMS[name])
        printed, keys = found[path]
        assert keys == sorted(result.values)
        assert printed.count("\n") == result.printed.count("\n")
        if not CLAIMS[name].slow:  # training depends on how many threads add up
            assert printed == result.printed


def test_measuring_leaves_every_random_generator_alone() -> None:
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    for name in QUICK:
        measure(CLAIMS[name])
        text = code(name)
        assert "redirect_stdout" not in text
        assert "import random" not in text
        assert not re.search(r"^\s*(torch|np\.random|random)\.(manual_)?seed\(", text, re.MULTILINE)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])
    assert (torch.get_default_dtype(), torch.get_num_threads()) == (dtype, threads)


def test_many_at_once_measure_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda name: measure(CLAIMS[name]), QUICK * 2))
    for result in runs:
        assert result.values == measured(result.claim).values
        assert result.printed == measured(result.claim).printed
    assert capsys.readouterr().out == ""


def test_results_are_kept_and_read_only() -> None:
    claim = CLAIMS["chain"]
    result = measured(claim)
    assert measured(claim) is result is known(claim)
    with pytest.raises(TypeError):
        result.values["at10"] = 1.0  # type: ignore[index]
    assert isinstance(result.values["size"], tuple)
    assert isinstance(result, Measured)
    assert result.seconds > 0


def test_a_slow_snippet_reports_how_far_it_is_and_can_be_stopped() -> None:
    slow = [claim for claim in CLAIMS.values() if claim.slow]
    assert slow
    for claim in slow:
        assert measured(claim).printed.count("\n") == claim.lines
        shares: list[float] = []

        def stop(share: float, shares: list[float] = shares) -> None:
            shares.append(share)
            raise InterruptedError

        with pytest.raises(InterruptedError):
            measure(claim, stop)
        assert shares == [1 / claim.lines]


def test_a_snippet_without_results_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from rnnviz.claims import run

    claim = CLAIMS["chain"]
    for text in ("x = 1", "measured = [1]", "measured = {'a': object()}"):
        monkeypatch.setattr(run, "_compiled", lambda name, text=text: compile(text, name, "exec"))
        with pytest.raises(ValueError, match="expected"):
            measure(claim)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.0172, "0.0172"),
        (-0.25, "−0.25"),
        (7.98e-14, "8.0 × 10⁻¹⁴"),
        (2151.4, "2151"),
        (999.7, "1000"),
        (13780.6, "1.4 × 10⁴"),
        (float("inf"), "∞"),
        (-float("inf"), "−∞"),
        (float("nan"), "not a number"),
    ],
)
def test_numbers_in_prose(value: float, text: str) -> None:
    assert number(value).replace("\N{NO-BREAK SPACE}", " ") == text


def test_templates() -> None:
    values = {"a": 0.5, "b": [1e-9, 2], "c": {"d": "<i>"}}
    assert fill("{a} {b[1]} {c[d]} {a:.3f}", values) == "0.5 2 &lt;i&gt; 0.500"
    assert fill("{a:.0%}", values, bold=True) == "<b>50\N{NO-BREAK SPACE}%</b>"
    with pytest.raises(KeyError):
        fill("{missing}", values)


def test_a_claim_is_light_to_import() -> None:
    heavy = ("torch", "numpy", "streamlit", "plotly")
    look = f"import sys, rnnviz.claims; print(*(name for name in {heavy} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    assert all(isinstance(claim, Claim) for claim in CLAIMS.values())
