"""View: how a page shows an experiment. It is part of the link, but not of what is computed."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.fields import Field, validate
from rnnviz.ui import (
    view_attention,
    view_forecast,
    view_inside,
    view_lab,
    view_pages,
    view_states,
    view_training,
)

FIELDS: tuple[Field, ...] = (
    *view_pages.FIELDS,
    *view_inside.FIELDS,
    *view_states.FIELDS,
    *view_lab.FIELDS,
    *view_training.FIELDS,
    *view_forecast.FIELDS,
    *view_attention.FIELDS,
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
    within: str = "live"
    hand: str = ""
    portrait: str = "path"
    held: int | float = 0.0
    letter: int = 0
    ride: str = "run"
    point: int = 1
    bits: int = 0
    cube: str = "3"
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
    part: str = "forecast"
    compared: str = ""
    backtest: str = ""
    leaks: str = ""
    zoom: str = "all"
    sample: str = "aapl"
    attend: str = "pooling"
    pooled: str = ""
    paired: str = ""
    probe: int = 0
    told: str = "first"
    ask: str = ""
    learned: str = ""
    stage: str = "trained"

    def __post_init__(self) -> None:
        for name, value in validate(FIELDS, self).items():
            object.__setattr__(self, name, value)
