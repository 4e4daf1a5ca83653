"""What can be taken away from the page: written when it is pressed, with the numbers of the page, under safe names."""

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forecasters import QUICK, SMALL, compute, drop, started, store
from forecasters import csv as written
from test_forecast_result import EVIL
from visitor import Visitor

from rnnviz import forecast
from rnnviz.forecast import export, samples, stored
from rnnviz.runs import Runs
from rnnviz.ui.forecast import downloads, shown
from rnnviz.ui.forecast.shown import Shown

__all__ = ["store"]


def load(store: Runs, id: str) -> Shown:
    found = shown.load(store, id, "ada")
    assert found is not None
    return found


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Any, str, str]]:
    """What each button would give: what makes it, its name and its kind."""
    found: dict[str, tuple[Any, str, str]] = {}
    monkeypatch.setattr(
        downloads, "_file", lambda label, make, name, kind: found.update({label: (make, name, kind)})
    )
    return found


def through(store: Runs, visitor: Visitor | None = None) -> Visitor:
    visitor = visitor or started()
    while compute(store):
        pass
    return visitor.run()


def test_the_files_hold_the_numbers_of_the_page(store: Runs, made: dict[str, Any]) -> None:
    visitor = through(store)
    result = load(store, visitor.view.forecast).result
    assert result is not None
    assert list(made) == ["Forecasts", "Metrics", "Model", "Report"]
    texts = {label: make() for label, (make, _, _) in made.items()}
    rows = list(csv.DictReader(io.StringIO(texts["Forecasts"])))
    told = [float(row["model"]) for row in rows if row["kind"] == "one step"]
    assert told == result.test["model"].tolist()
    assert {row["series"] for row in rows} == {"Adjusted close"}
    assert result.verdict.replace("'", "&#x27;") in texts["Report"]
    assert "How the file was read" in texts["Report"]
    assert zipfile.ZipFile(io.BytesIO(texts["Model"])).namelist() == ["forecaster.safetensors", "forecast.py"]
    for _, name, kind in made.values():
        assert name.startswith("rnnviz-forecast-aapl")
        assert kind in ("text/csv", "application/zip", "text/html")


def test_nothing_is_written_before_it_is_pressed(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> str:
        raise AssertionError("written although nobody has pressed")

    for name in ("forecasts_csv", "metrics_csv", "code"):
        monkeypatch.setattr(export, name, never)
    monkeypatch.setattr("rnnviz.forecast.export_model.bundle", never)
    monkeypatch.setattr("rnnviz.forecast.export_report.report", never)
    through(store)


def test_the_code_of_a_sample_gives_the_numbers_of_the_page(store: Runs) -> None:
    visitor = through(store)
    found = load(store, visitor.view.forecast)
    names: dict[str, Any] = {}
    exec(downloads.code(found), names)
    assert found.result is not None
    assert names["result"].verdict == found.result.verdict
    assert names["result"].future["forecast"].tolist() == pytest.approx(
        found.result.future["forecast"].tolist()
    )


def test_another_column_of_a_sample_is_named_in_the_code(store: Runs) -> None:
    table = samples.sample("aapl")
    other = next(name for name in table.targets if name != table.target)
    spec = stored.spec("forecast", QUICK, replace(table, target=other)) | {"sample": "aapl", "target": other}
    id = store.submit("forecast", spec, "ada")
    through(store, Visitor("forecast", owner="ada", forecast=id))
    found = load(store, id)
    names: dict[str, Any] = {}
    exec(downloads.code(found), names)
    assert found.result is not None
    assert names["result"].prices.tolist() == found.result.prices.tolist() != table.prices.tolist()


def test_a_hostile_name_gets_into_no_file_name_and_no_code(store: Runs, made: dict[str, Any]) -> None:
    table = samples.sample("walk")
    evil = replace(table, name=EVIL, labels={**table.labels, table.target: EVIL})
    spec = stored.spec("forecast", QUICK, evil) | {
        "sample": "own",
        "target": EVIL,
        "reading": {"decimal": "');x(('"},
    }
    id = store.submit("forecast", spec, "ada")
    through(store, Visitor("forecast", owner="ada", forecast=id))
    for _, name, _ in made.values():
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    report = made["Report"][0]()
    assert "<img" not in report
    assert "&lt;img" in report
    import ast

    calls = [
        node for node in ast.walk(ast.parse(downloads.code(load(store, id)))) if isinstance(node, ast.Call)
    ]
    assert {ast.unparse(call.func) for call in calls} == {
        "forecast.read_table", "forecast.ForecastConfig", "forecast.run", "print"
    }  # fmt: skip


def test_links_open_the_network_of_this_run(store: Runs) -> None:
    visitor = through(store)
    links = [link.proto for link in visitor.app.get("page_link")]
    found = {
        link.label: link.query_string for link in links if link.label in ("Gates", "States", "Gradients")
    }
    assert set(found) == {"Gates", "States", "Gradients"}
    for query in found.values():
        assert f"model={visitor.view.forecast}" in query


def test_the_library_reads_the_same_file_by_the_code(
    store: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prices.csv").write_text(written())
    table = forecast.read_table("prices.csv")
    spec = stored.spec("forecast", QUICK, replace(table, name="prices.csv")) | {
        "sample": "own",
        "target": table.target,
    }
    id = store.submit("forecast", spec, "ada")
    through(store, Visitor("forecast", owner="ada", forecast=id))
    found, names = load(store, id), {}  # type: tuple[Shown, dict[str, Any]]
    exec(downloads.code(found), names)
    assert found.result is not None
    assert names["result"].verdict == found.result.verdict


def test_what_the_visitor_overruled_stands_in_the_code(
    store: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [(day, month, year) for year in (2020, 2021) for month in range(1, 13) for day in range(1, 13)]
    close = 100 + np.random.default_rng(0).standard_normal(len(days)).cumsum()
    lines = [f"{d:02}/{m:02}/{y},{value:.3f}" for (d, m, y), value in zip(days, close, strict=True)]
    content = "\n".join(["Date,Close", *lines]) + "\n"
    visitor = drop(Visitor("forecast", owner="ada", **SMALL), content, "dates.csv")
    box = next(one for one in visitor.app.selectbox if (one.key or "").startswith("guess_dates"))
    other = next(value for value in ("dmy", "mdy") if value != box.value)
    visitor._touch(box.set_value(other))
    through(store, visitor.click("Train"))
    found = load(store, visitor.view.forecast)
    assert f"dates='{other}'" in downloads.code(found)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dates.csv").write_text(content)
    names: dict[str, Any] = {}
    exec(downloads.code(found), names)
    assert found.result is not None
    assert names["result"].prices.tolist() == found.result.prices.tolist()
    assert names["result"].verdict == found.result.verdict
