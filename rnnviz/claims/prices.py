"""Claims about sequences, prices and forecasts."""

from __future__ import annotations

from rnnviz.claims.model import Chart, Claim, Line, Link, Table, Values, Verdict, steps
from rnnviz.claims.words import fill, number
from rnnviz.experiment import Experiment


def _vector(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.6f}".replace("-", "−") for value in values)


def _by_hand_table(m: Values) -> Table:
    rows = tuple(
        (f"{x:g}", _vector(hand), _vector(its))
        for x, hand, its in zip(m["prices"], m["hand"], m["torch"], strict=True)
    )
    return Table(("price", "by hand", "nn.RNN"), rows)


def _scaling_table(m: Values) -> Table:
    names = {"raw": "10, 20, 30", "scaled": "divided by 30"}
    fields = "{{slope[{0}]:.3f}}", "{{saturated[{0}]:.0%}}", "{{moved[{0}]:.1%}}"
    rows = tuple((label, *(fill(field.format(name), m) for field in fields)) for name, label in names.items())
    return Table(("prices", "mean slope of tanh", "|h| > 0.9", "40 for 30 moves h by"), rows)


def _bidirectional(m: Values) -> Verdict:
    whole = sum(count == m["steps"] for count in m["read"].values())
    return "holds" if whole == 2 else "part" if m["read"]["backward"] > 1 else "not"


def _bidirectional_chart(m: Values) -> Chart:
    x = steps(m["steps"], 1)
    lines = (
        Line("forward", x, m["forward"], "lstm"),
        Line("backward", x, m["backward"], "b", "points"),
    )
    alt = "How much each half of the last output depends on each input"
    return Chart("time step t of the input", "norm of the gradient", lines, alt)


def _overlay_chart(m: Values) -> Chart:
    x = steps(len(m["actual"]), 1)
    lines = (Line("price", x, m["actual"], "plain"), Line("yesterday", x, m["forecast"], "gru", "dash"))
    alt = "The price over the last 60 days, and the price of the day before as its forecast"
    return Chart("", "US dollars", lines, alt, log=False, labels=m["dates"])


def _level_lstm(m: Values) -> Verdict:
    if m["ratio"] < 0.95:
        return "holds"
    return "part" if m["ratio"] < 1.05 else "not"


def _level_lstm_chart(m: Values) -> Chart:
    x = steps(len(m["actual"]), 1)
    lines = (Line("price", x, m["actual"], "plain"), Line("LSTM", x, m["forecast"], "lstm", "dash"))
    return Chart(
        "", "US dollars", lines, "The test prices, and the LSTM's forecast", log=False, labels=m["dates"]
    )


def _level_lstm_table(m: Values) -> Table:
    rows = (("LSTM", number(m["rmse"]["lstm"])), ("yesterday's price", number(m["rmse"]["yesterday"])))
    return Table(("forecast", "RMSE, US dollars"), rows)


def _windows_table(m: Values) -> Table:
    rows = (
        ("len − length − 1", f"{m['short']:,}", m["newest_short"]),
        ("len − length", f"{m['full']:,}", m["newest"]),
    )
    return Table(("range of", "windows", "newest target"), rows)


def _scaler_table(m: Values) -> Table:
    rows = (
        ("all rows", "training prices", f"{m['train_top']:.3f}"),
        ("training rows", "test prices", f"{m['test_top']:.3f}"),
    )
    return Table(("scaler fitted to", "largest of the", "is, where 1 is the scaler's top"), rows)


def _shuffle_table(m: Values) -> Table:
    rows = (
        ("yesterday's price", number(m["yesterday"])),
        ("mean of yesterday and tomorrow", number(m["between"])),
    )
    return Table(("forecast", "RMSE, US dollars"), rows)


PRICES = (
    Claim(
        name="by_hand",
        said="The hidden states for the prices 10, 20, 30 can be worked out by hand",
        stated="the same",
        found="apart by {apart}",
        why="Three steps of h = tanh(W<sub>ih</sub> x + W<sub>hh</sub> h + b) in plain Python and nn.RNN with the same "
        "weights give the same states. The difference, {apart}, is that between Python's 64 bits and PyTorch's 32. "
        "The start state is 0 in both.",
        judge=lambda m: "holds" if m["apart"] < 1e-6 else "not",
        table=_by_hand_table,
        link=Link(
            "states",
            "These prices in the app",
            Experiment(cells=("rnn",), hidden=2, signal="numbers", numbers="10, 20, 30"),
        ),
    ),
    Claim(
        name="scaling",
        said="Whether prices are scaled makes no difference to an RNN",
        stated="no difference",
        found="slope of tanh {slope[raw]} → {slope[scaled]}",
        why="At a price of 30 the tanh of a default RNN is nearly flat: {saturated[raw]:.0%} of the units lie beyond "
        "±0.9, and the mean slope is {slope[raw]}. All that is learned passes through that slope. Divided by 30, the "
        "same prices leave {slope[scaled]}, {ratio:.1f} times as much, and {saturated[scaled]:.0%} beyond ±0.9. "
        "Another last price then also moves the state more.",
        judge=lambda m: "not" if m["ratio"] > 1.5 else "holds",
        table=_scaling_table,
        link=Link(
            "gates",
            "The state at raw prices",
            Experiment(cells=("rnn",), hidden=16, signal="numbers", numbers="10, 20, 30"),
        ),
    ),
    Claim(
        name="bidirectional",
        said="The last output of a bidirectional LSTM has read the whole sequence in both directions",
        stated="all inputs, twice",
        found="{read[forward]} of {steps}, and {read[backward]}",
        why="The backward half starts at the end: at the last step it has read one input, and its gradient by all "
        "others is exactly 0. What it knows of the whole sequence stands at the first step, and in h_n, from which "
        "output[-1] differs by {apart} in this half and by {same} in the forward one.",
        judge=_bidirectional,
        chart=_bidirectional_chart,
    ),
    Claim(
        name="windows",
        said="<code>range(len(data) - seq_length - 1)</code> runs through all windows",
        stated="all",
        found="{short} of {full}",
        why="From {rows} prices and windows of {length} days, with the day after each as its target, {full} pairs can "
        "be made. The − 1 leaves out {dropped}, and it is the newest: the last target is {newest_short}, though there "
        "is a price of {newest}.",
        judge=lambda m: "holds" if m["dropped"] == 0 else "not",
        table=_windows_table,
    ),
    Claim(
        name="scaler",
        said="A min-max scaler may be fitted to the whole series before it is split",
        stated="harmless",
        found="training prices end at {train_top:.2f} of 1",
        why="Then the training inputs already tell that the price will climb to {growth:.1f} times their top: they end "
        "at {train_top:.3f} of the scale. Fitted to the training rows alone, as it must be, the scaler sends the test "
        "prices up to {test_top:.3f}, and {beyond:.0%} of them beyond anything seen. That is the real difficulty of "
        "price levels, which the leak hides; returns have neither.",
        judge=lambda m: "not" if m["train_top"] < 0.9 else "holds",
        table=_scaler_table,
    ),
    Claim(
        name="shuffle",
        said="A random split into training and test days gives a fair score",
        stated="fair",
        found="error × {ratio:.2f} without any model",
        why="Between two training days, the test day's price is nearly known. On {days} such days the mean of "
        "yesterday's and tomorrow's price, no model at all, has an error of {between} dollars, where yesterday's alone "
        "has {yesterday}. A network trained on windows that hold those days can learn as much. Split by time.",
        judge=lambda m: "not" if m["ratio"] < 0.95 else "holds",
        table=_shuffle_table,
    ),
    Claim(
        name="overlay",
        said="A forecast that lies on the price, with an R² near 1, shows that a model predicts",
        stated="R² near 1: skill",
        found="yesterday's price: R² = {r2:.4f}",
        why="Yesterday's price, moved on by a day, is no model, and on {days} test days of Apple it gets an R² of "
        "{r2:.4f} and a correlation of {correlation:.4f}. Prices move little from day to day beside how far they move "
        "in years. Of the daily change, which is all there is to foresee, it explains nothing (R² {moved:.3f}). So "
        "compare with it, always.",
        judge=lambda m: "not" if m["r2"] > 0.95 and m["moved"] < 0.05 else "holds",
        chart=_overlay_chart,
        link=Link(
            "gates",
            "The daily returns, as an input",
            Experiment(cells=("lstm",), length=100, signal="returns"),
        ),
    ),
    Claim(
        name="level_lstm",
        said="An LSTM trained on the prices of a stock predicts the next one",
        stated="nice overlay",
        found="error × {ratio:.2f} that of yesterday's price",
        why="Windows of 30 days, min-max scaling, {epochs} epochs of Adam, trained on this server in the way of the "
        "tutorials, even with the scaler's leak. The overlay is nice and R² is {r2:.3f}, but the error is "
        "{rmse[lstm]} dollars, and yesterday's price alone has {rmse[yesterday]}. A longer training or another seed "
        "moves the factor; the code is here to try.",
        judge=_level_lstm,
        chart=_level_lstm_chart,
        table=_level_lstm_table,
        slow=True,
        lines=7,
    ),
)
"""In the order of the page."""
