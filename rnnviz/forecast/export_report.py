"""A forecast as one HTML file: everything in it, nothing fetched, no script, readable in print and in the dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from rnnviz.forecast.config import FIELDS
from rnnviz.forecast.export import labels
from rnnviz.forecast.export_svg import Band, Line, chart
from rnnviz.forecast.result import NAMES, Result
from rnnviz.forecast.wording import NONE, p, percent, price, skill
from rnnviz.typed import short

NEAR = 60
"""Rows that the close view of the test part shows, and the past before the future."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2326; --paper: #fdfdfb; --soft: #566166; --rule: #dfe1da;
  --model: #0072b2; --naive: #cf5200; --band: rgba(0, 114, 178, 0.16); }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaea; --paper: #12171a; --soft: #9aa5a9; --rule: #2e383d;
  --model: #3d93d6; --naive: #e5793a; --band: rgba(61, 147, 214, 0.22); } }
body { font: 16px/1.5 Inter, -apple-system, "Segoe UI", Roboto, "Liberation Sans", system-ui, sans-serif;
  color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2.2rem 0 0.3rem; }
p { margin: 0.3rem 0; max-width: 48rem; } .soft, figcaption { color: var(--soft); font-size: 0.9rem; }
.verdict { font-size: 1.3rem; line-height: 1.35; font-weight: 600; margin: 0.8rem 0; overflow-wrap: anywhere; }
figure { margin: 0.6rem 0; } svg { width: 100%; height: auto; display: block; }
svg text { font-size: 12px; fill: var(--soft); } text.y, text.end { text-anchor: end; }
text.middle { text-anchor: middle; } .grid { stroke: var(--rule); }
polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; } .truth { stroke: var(--ink); }
.model { stroke: var(--model); } .naive { stroke: var(--naive); stroke-width: 4.5; opacity: 0.5; }
circle.dot { fill: currentColor; } polygon.band { fill: var(--band); }
.key { margin-right: 1.2rem; white-space: nowrap; }
.key::before { content: ""; display: inline-block; width: 1.4rem; height: 0.2rem; margin-right: 0.4rem;
  vertical-align: middle; background: var(--ink); }
.key.model::before { background: var(--model); } .key.naive::before { background: var(--naive); }
.key.band::before { background: var(--band); height: 0.7rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0.5rem 0; }
th, td { text-align: right; padding: 0.25rem 0.7rem; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; font-weight: 400; }
thead th { color: var(--soft); font-weight: 500; }
.first th, .first td { font-weight: 650; } pre { overflow-x: auto; padding: 0.8rem; border: 1px solid var(--rule); }
li { overflow-wrap: anywhere; } @media print { figure, table, pre { break-inside: avoid; } }
"""


def report(
    result: Result,
    title: str,
    *,
    series: str = "",
    said: Sequence[str] = (),
    warnings: Sequence[str] = (),
    code: str = "",
) -> str:
    """The report on a result; opens without a network.

    ``title`` and ``series`` name the file and what was forecast, ``said`` and ``warnings`` are what the reader of the
    file had to say, ``code`` the lines that compute the numbers again. All of it may be a user's text: it is escaped.
    """
    dates = labels(result.prices.index)
    rows = f"{len(dates):,} rows, {escape(dates[0])} to {escape(dates[-1])}"
    series = f"{escape(series)}, " if series else ""
    parts = [
        f"<h1>{escape(title or 'Forecast')}</h1><p class='soft'>{series}{rows}.</p>",
        f"<p class='verdict'>{escape(result.verdict)}</p>",
        _test(result, dates),
        _metrics(result),
        _recursive(result),
        _future(result, dates),
        _training(result),
        _listed("Worth knowing", [*result.notes, *warnings]),
        _listed("How the file was read", said),
        _settings(result),
        f"<h2>The same numbers in Python</h2><pre>{escape(code)}</pre>" if code else "",
        "<p class='soft'>Made by rnnviz from the numbers of one trained network. A forecast is no advice.</p>",
    ]
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title or 'Forecast')}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _test(result: Result, dates: Sequence[str]) -> str:
    frame, names = result.test, dates[result.split.test :]
    found = []
    for part, words in (
        (frame, "The whole test part"),
        (frame.tail(NEAR), f"Its last {min(NEAR, len(frame))} rows"),
    ):
        lines = [
            Line("True price", part["actual"].tolist(), "truth"),
            Line("Yesterday's price", part["naive"].tolist(), "naive"),
            Line("Model", part["model"].tolist(), "model"),
        ]
        band = Band(_level(result), part["lower"].tolist(), part["upper"].tolist())
        found.append(f"<p class='soft'>{words}.</p>" + chart(lines, names[-len(part) :], words, band=band))
    return (
        "<h2>One step ahead</h2><p>Rows that the network learned nothing from, each forecast with the true prices up "
        f"to the row before it.</p>{''.join(found)}"
    )


def _metrics(result: Result) -> str:
    rows = [
        [
            NAMES.get(str(name), str(name)),
            *(price(row[key]) for key in ("RMSE", "MAE", "MASE")),
            percent(row["direction"]),
            skill(row["skill"]),
            p(row["dm_p"]),
        ]
        for name, row in result.metrics.iterrows()
    ]
    rows.append(["Always “up”", NONE, NONE, NONE, percent(result.up), NONE, NONE])
    kept = result.interval
    held = [
        ["Nominal", percent(kept.nominal), NONE],
        ["Adaptive, as drawn", percent(kept.coverage), price(kept.width)],
        ["Static conformal", percent(kept.static_coverage), price(kept.static_width)],
    ]
    return (
        _table(["", "RMSE", "MAE", "MASE", "Direction", "Skill", "Diebold–Mariano p"], rows)
        + "<p class='soft'>Skill is 1 − RMSE / RMSE of yesterday's price: 0 means that the network comes no closer "
        "than to repeat the last price. The test of Diebold and Mariano asks whether a difference is more than luck; "
        "direction counts the moves whose sign was right.</p>"
        + _table(["Interval", "Coverage", "Mean width"], held, first=False)
    )


def _recursive(result: Result) -> str:
    steps = result.errors_by_step
    if steps.empty:
        return ""
    lines = [
        Line("Last true price", steps["naive"].tolist(), "naive"),
        Line("Model", steps["model"].tolist(), "model"),
    ]
    names = [f"step {int(step)}" for step in steps["step"]]
    return (
        "<h2>Several steps ahead (recursive)</h2><p>Each step is fed with the one before it; no true price after the "
        "origin is read. Mean absolute error by step.</p>"
        + chart(lines, names, "Mean absolute error by step", zero=True)
    )


def _future(result: Result, dates: Sequence[str]) -> str:
    frame = result.future
    names = labels(frame.index)
    known = result.prices.tail(NEAR).tolist()
    lines = [
        Line("True price", known, "truth"),
        Line("Forecast", [known[-1], *frame["forecast"]], "model", len(known) - 1),
    ]
    band = Band(_level(result), frame["lower"].tolist(), frame["upper"].tolist(), len(known))
    rows = [
        [
            name,
            str(int(row["step"])),
            *(price(row[key]) for key in ("forecast", "lower", "upper")),
            percent(row.get("held", math.nan), 0),
        ]
        for name, row in zip(names, frame.to_dict("records"), strict=True)
    ]
    return (
        "<h2>The future</h2><p>Dates to come are labels: business days where the file has no weekends. Held is the "
        "share of true prices of the test part that such intervals would have held, had they known the validation part "
        "alone.</p>"
        + chart(
            lines, [*dates[-len(known) :], *names], "The last prices and the forecast after them", band=band
        )
        + _table(["Day", "Step", "Forecast", "Lower", "Upper", "Held"], rows, first=False)
    )


def _training(result: Result) -> str:
    epochs = result.epochs
    if not epochs:
        return ""
    lines = [
        Line("Training part", [one.loss for one in epochs], "truth"),
        Line("Validation part", [one.validation for one in epochs], "model"),
    ]
    return (
        f"<h2>Training</h2><p>Mean squared error of what is modelled, scaled. Kept: epoch {result.kept} of "
        f"{epochs[-1].number}, {result.seconds:.1f} s.</p>"
        + chart(lines, [f"epoch {one.number}" for one in epochs], "Errors over the epochs")
    )


def _settings(result: Result) -> str:
    rows = []
    for known in FIELDS:
        value = getattr(result.config, known.name)
        words = (
            known.unset_label
            if value is None
            else known.label_of(value)
            if known.kind == "choice"
            else short(value)
        )
        rows.append([known.label, words])
    return "<h2>Settings</h2>" + _table(["Setting", "Value"], rows, first=False)


def _listed(head: str, said: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(one)}</li>" for one in said)
    return f"<h2>{head}</h2><ul>{items}</ul>" if items else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, first: bool = True) -> str:
    top = "".join(f"<th scope='col'>{escape(word)}</th>" for word in head)
    body = "".join(
        f"<tr{' class=first' if first and k == 0 else ''}><th scope='row'>{escape(name)}</th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for k, (name, *cells) in enumerate(rows)
    )
    return f"<div class='scroll'><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"


def _level(result: Result) -> str:
    return f"{100 * result.config.level:g} % interval"
