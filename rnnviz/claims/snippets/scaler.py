"""A min-max scaler fitted to the whole price series, and to the first 80 % alone."""

import numpy as np

from rnnviz.signals import prices

data = np.array(prices()[1])
train, test = np.split(data, [int(0.8 * len(data))])

whole = (train - data.min()) / (data.max() - data.min())
honest = (test - train.min()) / (train.max() - train.min())
print(f"fitted to all rows: the training prices reach {whole.max():.3f} of 1")
print(f"fitted to the training rows: the test prices reach {honest.max():.3f}")
beyond = float((honest > 1).mean())
print(f"test prices above all that the training rows hold: {100 * beyond:.1f} %")

measured = {
    "train_top": float(whole.max()),
    "test_top": float(honest.max()),
    "beyond": beyond,
    "growth": float(data.max() / train.max()),
}
