"""A trained forecaster to take away: its weights as a file, and a plain PyTorch script that forecasts with them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from rnnviz.forecast.config import NETWORKS, ForecastConfig
from rnnviz.forecast.networks import Forecaster
from rnnviz.forecast.observed import observe_forecaster, rows_of
from rnnviz.forecast.result import Result, Split
from rnnviz.forecast.windows import Series

FILE, SCRIPT = "forecaster.safetensors", "forecast.py"
"""The names of the two in :func:`bundle`."""


def weights_file(result: Result) -> bytes:
    """The network of a result as safetensors, and what it takes to go on from its last row.

    Beside the parameters by the names of their :class:`~rnnviz.forecast.networks.Forecaster`: ``scaler`` (centre and
    scale), ``prices`` (the last true ones that a window needs) and ``forecast`` (what was said of the rows after them),
    all float64; the settings as metadata. ``ValueError`` for a result without its network.
    """
    if result.model is None:
        raise ValueError("expected a result with its network, got one without; run the forecast again")
    series = Series(result.prices, result.config, result.split)
    return _file(series, result.model.state_dict(), len(series.prices), result.future["forecast"].to_numpy())


def example_file(
    prices: pd.Series,
    config: ForecastConfig,
    split: Split,
    tensors: Mapping[str, Tensor] | None,
    example: int,
) -> bytes:
    """The same, for the row of an example of :func:`rnnviz.forecast.observed.observe_forecaster`, which takes these."""
    series = Series(prices, config, split)
    seen = observe_forecaster(prices, config, split, tensors, example)
    weights = Forecaster(config).state_dict() if tensors is None else tensors
    return _file(series, weights, rows_of(split)[example], np.array([seen.forecast]))


def _file(series: Series, weights: Mapping[str, Tensor], row: int, told: np.ndarray) -> bytes:
    """The weights, the prices before ``row`` that a window needs, and what was forecast from there on."""
    from safetensors.torch import save

    last = series.prices[row - series.config.window - series.offset : row]
    tensors = {name: tensor.detach().contiguous() for name, tensor in weights.items()}
    tensors |= {
        "scaler": torch.tensor([series.centre, series.scale], dtype=torch.float64),
        "prices": torch.from_numpy(last.copy()),
        "forecast": torch.tensor(told.tolist(), dtype=torch.float64),
    }
    return save(tensors, metadata={"config": json.dumps(series.config.to_spec()), "modelled": series.kind})


def script(config: ForecastConfig, kind: str, file: str = FILE) -> str:
    """A script that reads ``file`` and prints the forecasts of the page, with torch and safetensors alone.

    ``kind`` is what is modelled: "returns", "differences" or "levels". It leaves ``forecast(prices, steps)``, which
    goes on from any prices, and ``found``, the forecasts after the prices of the file.
    """
    label = dict(NETWORKS)[config.network]
    layer = {"rnn": "RNN", "gru": "GRU"}.get(config.network, "LSTM")
    both = config.network == "bilstm"
    attention = config.network == "attention"
    seen = (
        "torch.cat([state[-2], state[-1]], 1)" if both else "pooled" if attention else "state[-1]"
    )  # state (layers * directions, batch, units)
    values = {
        "returns": "torch.diff(prices.log())",
        "differences": "torch.diff(prices)",
        "levels": "prices",
    }[kind]
    price = {
        "returns": "price * torch.exp(value)",
        "differences": "price + value",
        "levels": "value",
    }[kind]
    lines = [
        f"# {label}: {config.layers} layer{'s' * (config.layers != 1)} of {config.hidden} units, which read "
        f"{config.window} rows of the past. {file} lies beside this script.",
        "# pip install torch safetensors",
        "import torch",
        "from safetensors.torch import load_file",
        "from torch import nn",
        "",
        f"WINDOW = {config.window}",
        "",
        "",
        "class Forecaster(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        f"        self.rnn = nn.{layer}(1, {config.hidden}, {config.layers}, batch_first=True"
        f"{', bidirectional=True' * both})",
        *(
            [
                "        self.pool = nn.Module()",
                f"        self.pool.score = nn.Linear({config.hidden}, 1, bias=False)",
            ]
            if attention
            else []
        ),
        f"        self.head = nn.Linear({config.hidden * (1 + both)}, 1)",
        "",
        "    def forward(self, x):  # (batch, window, 1), scaled -> (batch,), scaled",
        "        h, state = self.rnn(x)",
        *(
            ["        state = state[0]  # h, without the memory c"]
            if layer == "LSTM" and not attention
            else []
        ),
        *(
            [
                "        weights = torch.softmax(self.pool.score(h), 1)  # over the rows of the window",
                "        pooled = (weights * h).sum(1)",
            ]
            if attention
            else []
        ),
        f"        return self.head({seen}).squeeze(1)",
        "",
        "",
        f'tensors = load_file("{file}")',
        'centre, scale = tensors.pop("scaler").tolist()',
        'prices = tensors.pop("prices")  # the last true prices, float64',
        'told = tensors.pop("forecast")  # what was forecast after them',
        "model = Forecaster()",
        "model.load_state_dict(tensors)",
        "",
        "",
        "@torch.no_grad()",
        "def forecast(prices, steps):",
        '    """Prices of the next rows, each step fed with the one before it."""',
        f"    values = {values}",
        "    x = ((values[-WINDOW:] - centre) / scale).float()",
        "    price, found = prices[-1], []",
        "    for _ in range(steps):",
        "        said = model(x.reshape(1, WINDOW, 1))",
        "        value = said[0].double() * scale + centre",
        f"        price = {price}",
        "        found.append(price.item())",
        "        x = torch.cat([x[1:], said])",
        "    return found",
        "",
        "",
        "found = forecast(prices, len(told))",
        "for step, price in enumerate(found, 1):",
        '    print(f"step {step}: {price:.6g}")',
        'print("largest difference to the page:", max(abs(a - b) for a, b in zip(found, told.tolist())))',
    ]
    return "\n".join(lines) + "\n"


def bundle(result: Result) -> bytes:
    """Weights and script in one zip file."""
    kind = Series(result.prices, result.config, result.split).kind
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(FILE, weights_file(result))
        archive.writestr(SCRIPT, script(result.config, kind))
    return out.getvalue()
