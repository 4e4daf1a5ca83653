"""What is asked of a forecast besides itself: other networks, other times, and what each trap would pretend.

Numbers only, as JSON values: each is a row that a run in the background writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

Value = TypeVar("Value", bound="_Row")

PARTS: tuple[tuple[str, str], ...] = (
    ("forecast", "Forecast"),
    ("compare", "Compare networks"),
    ("backtest", "Backtest"),
    ("leaks", "Leak lab"),
)
"""What a run of the kind "forecast" computes, in the order of the page."""


@dataclass(frozen=True)
class _Row:
    def to_row(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_row(cls: type[Value], data: Mapping[str, Any]) -> Value:
        """The value of a stored row."""
        return cls(**data)


@dataclass(frozen=True)
class Compared(_Row):
    """One network on the test part, its metrics as in :class:`~rnnviz.forecast.result.Result`.

    ``name`` is out of :data:`COMPARED`; ``epoch`` the one whose weights were kept, ``epochs`` how many were trained in
    ``seconds``.
    """

    name: str
    RMSE: float
    MAE: float
    MASE: float
    direction: float
    skill: float
    dm_p: float
    coverage: float
    width: float
    parameters: int
    epoch: int
    epochs: int
    seconds: float


COMPARED: tuple[tuple[str, str], ...] = (
    ("rnn", "RNN"),
    ("lstm", "LSTM"),
    ("gru", "GRU"),
    ("bilstm", "BiLSTM"),
    ("attention", "LSTM with attention"),
    ("stacked", "Stacked LSTM"),
)
"""The networks of the comparison; stacked is an LSTM of two layers."""


@dataclass(frozen=True)
class Fold(_Row):
    """One origin of the rolling backtest: trained on all rows before ``first``, tested on ``[first, last]``.

    ``first`` and ``last`` are row numbers, ``begins`` and ``ends`` their labels.
    """

    number: int
    first: int
    last: int
    begins: str
    ends: str
    RMSE: float
    naive: float
    MAE: float
    skill: float
    dm_p: float
    coverage: float
    width: float
    seconds: float


@dataclass(frozen=True)
class Leak(_Row):
    """What one trap would pretend, beside the truth; ``name`` out of ``config.LEAKS``, "honest", or "all".

    ``claimed`` is the RMSE that would be reported with the trap in place, ``claimed_naive`` that of yesterday's price
    on the rows on which it was reported; ``real`` and ``real_naive`` are those without the trap: what each network is
    and on which rows it is scored says :func:`rnnviz.forecast.leaks.leaks`. Rows differ, so that only claimed /
    claimed_naive and real / real_naive can be compared. Where a forecast of many steps is claimed ("onestep", "all"),
    naive is the last known price, kept for as many steps. ``words`` says what happened on this file.
    """

    name: str
    claimed: float
    claimed_naive: float
    real: float
    real_naive: float
    words: str
    seconds: float
