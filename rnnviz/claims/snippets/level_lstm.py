"""An LSTM on windows of 30 scaled prices, as the tutorials train it, against yesterday's price."""

import numpy as np
import torch
from torch import nn

from rnnviz.signals import prices

window, H, epochs, batch = 30, 32, 6, 64
dates, close = prices()
data = torch.tensor(close)
start = int(0.8 * len(data))  # the last 20 % are the test
low, top = data.min(), data.max()  # over all rows: a leak, and a help to the model
scaled = (data - low) / (top - low)
x, y = scaled.unfold(0, window, 1)[:-1].unsqueeze(2), scaled[window:]
x_train, y_train, x_test = x[: start - window], y[: start - window], x[start - window :]


lstm = nn.LSTM(1, H, batch_first=True, device="meta").to_empty(device="cpu")
head = nn.Linear(H, 1, device="meta").to_empty(device="cpu")
weights = [*lstm.parameters(), *head.parameters()]
generator = torch.Generator().manual_seed(0)
with torch.no_grad():
    for weight in weights:
        weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)


def model(x):
    """The scaled price of the day after each window (B, 30, 1)."""
    return head(lstm(x)[0][:, -1])[:, 0]


optimiser = torch.optim.Adam(weights, lr=5e-3)
losses = []
for epoch in range(epochs):
    total = 0.0
    for rows in torch.randperm(len(x_train), generator=generator).split(batch):
        optimiser.zero_grad()
        loss = nn.functional.mse_loss(model(x_train[rows]), y_train[rows])
        loss.backward()
        optimiser.step()
        total += loss.item() * len(rows)
    losses.append(total / len(x_train))
    print(f"epoch {epoch + 1} of {epochs}: loss {losses[-1]:.3g}")

with torch.no_grad():
    forecast = (model(x_test) * (top - low) + low).double().numpy()
actual, yesterday = np.array(close[start:]), np.array(close[start - 1 : -1])
rmse = {
    name: float(np.sqrt(np.mean((values - actual) ** 2)))
    for name, values in {"lstm": forecast, "yesterday": yesterday}.items()
}
r2 = float(1 - ((actual - forecast) ** 2).sum() / ((actual - actual.mean()) ** 2).sum())
print(f"R^2 {r2:.3f}; RMSE of the LSTM {rmse['lstm']:.3f}, of yesterday's price {rmse['yesterday']:.3f}")

measured = {
    "epochs": epochs,
    "losses": losses,
    "r2": r2,
    "rmse": rmse,
    "ratio": rmse["lstm"] / rmse["yesterday"],
    "dates": list(dates[start:]),
    "actual": actual.tolist(),
    "forecast": forecast.tolist(),
    "yesterday": yesterday.tolist(),
}
