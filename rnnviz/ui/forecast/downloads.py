"""What can be taken away from a forecast: its network to other pages, its numbers, the model, a report, the code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import run_files
from rnnviz.ui.forecast.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.forecast.result import Result


def draw(shown: Shown, result: Result) -> None:
    """Links to the pages that open the network, the downloads (made when one is pressed), and the code."""
    from rnnviz.forecast import export, export_model, export_report
    from rnnviz.forecast.observed import cell_of

    run_files.open_in(shown.run.id, cell_of(shown.config), "Open the trained network in", "forecast_open")
    stem = f"rnnviz-forecast-{stem_of(shown)}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="forecast_away"):
        _file("Forecasts", lambda: export.forecasts_csv(result, series_of(shown)), f"{stem}.csv", "text/csv")
        _file(
            "Metrics", lambda: export.metrics_csv(result, series_of(shown)), f"{stem}-metrics.csv", "text/csv"
        )
        if result.model is not None:
            _file("Model", lambda: export_model.bundle(result), f"{stem}-model.zip", "application/zip")
        _file(
            "Report",
            lambda: export_report.report(
                result,
                shown.name or "Forecast",
                series=series_of(shown),
                said=shown.table.report,
                warnings=shown.table.warnings,
                code=code(shown),
            ),
            f"{stem}.html",
            "text/html",
        )
        with st.popover("Code", icon=":material/code:", on_change="rerun", key="forecast_code") as popover:
            if popover.open:
                st.caption("Copy into a notebook with rnnviz installed: it gives the numbers of this page.")
                st.code(code(shown), language="python")


def code(shown: Shown) -> str:
    """The lines of Python that give the same numbers."""
    from rnnviz.forecast import export, samples

    spec = shown.run.spec
    target = str(spec.get("target", ""))
    if shown.sample != "own":
        usual = samples.sample(shown.sample).target
        column = "" if target in ("", usual) else target
        return export.code(shown.config, shown.sample, sample=True, column=column)
    told = {name: value for name, value in spec.get("reading", {}).items() if value is not None}
    told |= {"target": target} if target else {}
    return export.code(shown.config, shown.name or "prices.csv", list(told.items()))


def series_of(shown: Shown) -> str:
    """What was forecast, as the file calls it: a user's text."""
    table = shown.table
    return str(table.labels.get(table.target, table.target))


def stem_of(shown: Shown) -> str:
    """A name for files, of letters, digits and dashes alone."""
    given = shown.name.rpartition(".")[0] or shown.name if shown.sample == "own" else shown.sample
    return re.sub(r"[^A-Za-z0-9]+", "-", given).strip("-")[:40].lower() or "prices"


def _file(label: str, make: Callable[[], str | bytes], name: str, kind: str) -> None:
    """A download whose file is made when it is pressed."""
    st.download_button(
        label,
        make,
        file_name=name,
        mime=kind,
        key=f"forecast_{label.lower()}",
        icon=":material/download:",
        on_click="ignore",
    )
