"""A forecast among others: other networks, other times, and what each trap would pretend."""

from rnnviz.figures.forecast_backtest import backtest
from rnnviz.figures.forecast_compared import compared
from rnnviz.figures.forecast_leaks import leaks

__all__ = ["backtest", "compared", "leaks"]
