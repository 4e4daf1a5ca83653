"""Small files of prices with one fault each, and what is said of them."""

import pandas as pd
import pytest

from rnnviz.forecast import Table, TableError, read_table

DAYS = pd.bdate_range("2020-01-01", periods=40)
ISO = [f"{day:%Y-%m-%d}" for day in DAYS]
PRICES = [round(100 + 0.37 * i, 2) for i in range(40)]


def file(dates, *columns, header="Date,Close", delimiter=","):
    rows = [delimiter.join(map(str, row)) for row in zip(dates, *columns, strict=True)]
    return "\n".join([header, *rows, ""]).encode()


def reading(when=ISO, *columns, header="Date,Close", delimiter=",", **asked) -> Table:
    return read_table(file(when, *(columns or [PRICES]), header=header, delimiter=delimiter), **asked)


def changed(row, value):
    return [*PRICES[:row], value, *PRICES[row + 1 :]]


def left(table):
    return [tuple(row) for row in table.left_out.itertuples(index=False)]


def refused(data, **asked):
    with pytest.raises(TableError) as error:
        read_table(data, **asked)
    return str(error.value)
