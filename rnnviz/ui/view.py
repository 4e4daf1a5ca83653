"""View: how a page shows an experiment. It is part of the link, but not of what is computed."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.claims import CLAIMS
from rnnviz.fields import Field, validate
from rnnviz.forecast.parts import PARTS
from rnnviz.forecast.samples import SAMPLES
from rnnviz.registry import CELLS

FIELDS: tuple[Field, ...] = (
    Field("present", "present", "Projector mode", "Larger type, thicker lines, no side bar.", "flag", False),
    Field(
        "show",
        "show",
        "Picture",
        "All units at once, one unit over its input, or how the values are spread.",
        "choice",
        "all",
        choices=(("all", "All units"), ("unit", "One unit"), ("spread", "Distribution")),
    ),
    Field(
        "unit",
        "unit",
        "Unit",
        "Which hidden unit is followed, counted from 0.",
        "int",
        0,
        minimum=0,
        maximum=127,
        step=1,
    ),
    Field(
        "beside",
        "beside",
        "Compare with",
        "A second cell, with the same seed and input.",
        "choice",
        "none",
        choices=(("none", "Nothing"), *((name, cell.label) for name, cell in CELLS.items())),
    ),
    Field(
        "dims",
        "dims",
        "Trajectory in",
        "How many principal components are drawn.",
        "choice",
        "2",
        choices=(("2", "2-D"), ("3", "3-D")),
    ),
    Field(
        "many",
        "many",
        "Runs",
        "One run, several start states, or the same input at several strengths.",
        "choice",
        "one",
        choices=(
            ("one", "One run"),
            ("starts", "6 start states"),
            ("strengths", "6 input strengths"),
        ),
    ),
    Field(
        "quantity",
        "of",
        "Gradient of the loss by",
        "The hidden state, the LSTM's memory, or the input.",
        "choice",
        "h",
        choices=(("h", "state h"), ("c", "memory c"), ("x", "input x")),
    ),
    Field(
        "relative",
        "relative",
        "Relative",
        "Divide each curve by its value at the loss step, so that all start at 1.",
        "flag",
        False,
    ),
    Field(
        "lab",
        "lab",
        "Section",
        "Which question is put to the gradients.",
        "choice",
        "norms",
        choices=(
            ("norms", "Norms"),
            ("triangle", "Triangle"),
            ("paths", "Paths"),
            ("spectrum", "Spectrum"),
            ("blame", "Blame"),
            ("phase", "Phase diagram"),
            ("cliff", "Cliff"),
            ("cures", "Cures"),
            ("chaos", "Edge of chaos"),
        ),
    ),
    Field(
        "row",
        "row",
        "From step t",
        "The later step, from which the derivative is followed back; beyond the end it is the last one.",
        "int",
        500,
        minimum=1,
        maximum=500,
        step=1,
    ),
    Field(
        "per_step",
        "per",
        "Per step",
        "The factor per step, the (t−k)-th root of the norm, in place of the norm.",
        "flag",
        False,
    ),
    Field(
        "norm",
        "norm",
        "Norm",
        "Frobenius is quick to compute; spectral is the most that any direction is stretched.",
        "choice",
        "frobenius",
        choices=(("frobenius", "Frobenius"), ("spectral", "Spectral")),
    ),
    Field(
        "blame",
        "blame",
        "Contribution",
        "Its size, or its signed share of the whole gradient.",
        "choice",
        "size",
        choices=(("size", "Size"), ("share", "Share")),
    ),
    Field(
        "against",
        "against",
        "Weight scale against",
        "What the other axis of the phase diagram is.",
        "choice",
        "length",
        choices=(("length", "Length"), ("forget", "Forget bias")),
    ),
    Field("start_w", "w", "Start at w", "The weight at which the descent begins.", "float", 4.25, 3, 7, 0.05),
    Field(
        "start_b", "b", "Start at b", "The bias at which the descent begins.", "float", -2.75, -4, 1.5, 0.05
    ),
    Field(
        "rate",
        "rate",
        "Learning rate",
        "How far a step goes per unit of gradient.",
        "float",
        0.1,
        0.01,
        1,
        0.01,
    ),
    Field(
        "threshold",
        "clip",
        "Clip at norm",
        "The longest gradient that is let through.",
        "float",
        1.0,
        0.1,
        10,
        0.1,
    ),
    Field(
        "units",
        "units",
        "Units N",
        "Size of the random network.",
        "choice",
        "200",
        choices=(("100", "N = 100"), ("200", "N = 200"), ("400", "N = 400")),
    ),
    Field(
        "drive",
        "drive",
        "Input strength",
        "Standard deviation of the noise each unit reads.",
        "float",
        0.5,
        0,
        2,
        0.1,
    ),
    Field(
        "claim",
        "claim",
        "Claim",
        "All claims, or one of them alone.",
        "choice",
        "all",
        choices=(("all", "All claims"), *((name, name) for name in CLAIMS)),
    ),
    Field("run", "run", "Run", "The training that is shown.", "id", ""),
    Field(
        "train",
        "section",
        "Section",
        "How the race goes, what happens inside the networks, what they write, or the same by hand.",
        "choice",
        "race",
        choices=(
            ("race", "Race"),
            ("inside", "Inside"),
            ("text", "Text"),
            ("hand", "By hand"),
            ("runs", "Your runs"),
        ),
    ),
    Field(
        "inside",
        "inside",
        "Inside",
        "Gradients before and after clipping, the way back through time, the gates, or the weights.",
        "choice",
        "norms",
        choices=(
            ("norms", "Gradient norm"),
            ("profile", "Back through time"),
            ("saturation", "Saturated gates"),
            ("weights", "Weights"),
        ),
    ),
    Field(
        "epoch",
        "epoch",
        "After epoch",
        "The epoch whose answer is drawn; it follows the newest one until it is set.",
        "optional_int",
        None,
        0,
        100,
        1,
        unset_label="newest",
    ),
    Field(
        "temperature",
        "temp",
        "Temperature",
        "Below 1 the likely letters are favoured, above 1 the others get a chance.",
        "float",
        0.8,
        0.1,
        2,
        0.1,
    ),
    Field("model", "model", "Trained model", "The run whose trained networks are opened.", "id", ""),
    Field(
        "weights",
        "weights",
        "Weights",
        "The network after training, before it, or both.",
        "choice",
        "after",
        choices=(("after", "After training"), ("before", "Before"), ("both", "Side by side")),
    ),
    Field(
        "example", "example", "Example", "Which test sequence is read, counted from 0.", "int", 0, 0, 31, 1
    ),
    Field("forecast", "forecast", "Forecast", "The forecast that is shown.", "id", ""),
    Field(
        "part",
        "part",
        "Section",
        "The data, the forecast, other networks, other times, or what the usual traps pretend.",
        "choice",
        "data",
        choices=(("data", "Data"), *PARTS, ("yours", "Your runs")),
    ),
    Field("compared", "compared", "Comparison", "The comparison that is shown.", "id", ""),
    Field("backtest", "backtest", "Backtest", "The backtest that is shown.", "id", ""),
    Field("leaks", "leaks", "Leak lab", "The leaks that are shown.", "id", ""),
    Field(
        "zoom",
        "zoom",
        "Rows shown",
        "The whole test part, or its last 60 rows.",
        "choice",
        "all",
        choices=(("all", "Whole test part"), ("last", "Last 60 rows")),
    ),
    Field(
        "sample",
        "sample",
        "Series",
        "A series that comes with the app, or a file of your own.",
        "choice",
        "aapl",
        choices=SAMPLES,
    ),
)
"""Every setting of the view, in the order of the link."""

FIELD: dict[str, Field] = {field.name: field for field in FIELDS}
"""The same by name."""


@dataclass(frozen=True, slots=True)
class View:
    """What is shown and how. Raises ``ValueError`` for an illegal value."""

    present: bool = False
    show: str = "all"
    unit: int = 0
    beside: str = "none"
    dims: str = "2"
    many: str = "one"
    quantity: str = "h"
    relative: bool = False
    lab: str = "norms"
    row: int = 500
    per_step: bool = False
    norm: str = "frobenius"
    blame: str = "size"
    against: str = "length"
    start_w: int | float = 4.25
    start_b: int | float = -2.75
    rate: int | float = 0.1
    threshold: int | float = 1.0
    units: str = "200"
    drive: int | float = 0.5
    claim: str = "all"
    run: str = ""
    train: str = "race"
    inside: str = "norms"
    epoch: int | None = None
    temperature: int | float = 0.8
    model: str = ""
    weights: str = "after"
    example: int = 0
    forecast: str = ""
    part: str = "data"
    compared: str = ""
    backtest: str = ""
    leaks: str = ""
    zoom: str = "all"
    sample: str = "aapl"

    def __post_init__(self) -> None:
        for name, value in validate(FIELDS, self).items():
            object.__setattr__(self, name, value)
