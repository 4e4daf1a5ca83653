"""Known prices in the format of every source are read back exactly: dates and values equal, the close is forecast."""

import numpy as np
import pytest
from sources import SOURCES, made

from rnnviz.forecast import read_table


@pytest.mark.parametrize("name", SOURCES)
def test_prices_are_read_back_exactly(name):
    file = made(name)
    table = read_table(file.data, name=name)
    assert table.frame["date"].tolist() == file.truth["date"].tolist()
    for role in file.truth.columns.drop("date"):
        there = table.roles.get(role) or table.roles["price"]
        assert np.array_equal(table.frame[there], file.truth[role], equal_nan=True), role
    assert table.target in (table.roles.get("adj_close"), table.roles.get("close"), table.roles.get("price"))
