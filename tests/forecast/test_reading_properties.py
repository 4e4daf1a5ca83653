"""Whatever the format, known prices are read back exactly, or the guess that is wrong is marked as not sure."""

import numpy as np
import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sources import Made, known, lines, number

from rnnviz.forecast import Table, TableError, read_table

DATES = {
    "%Y-%m-%d": "ymd",
    "%Y/%m/%d": "ymd",
    "%Y. %m. %d.": "ymd",
    "%d/%m/%Y": "dmy",
    "%m/%d/%Y": "mdy",
    "%d.%m.%Y": "dmy",
    "%-m/%-d/%Y": "mdy",
    "%-d.%-m.%y": "dmy",
    "%m/%d/%y": "mdy",
    "%d-%m-%Y": "dmy",
    "%d-%b-%Y": "words",
    "%b %d, %Y": "words",
    "%A, %-d %B %Y": "words",
    "%Y%m%d": "ymd",
    "%Y-%m-%d %H:%M:%S": "ymd",
    "%d/%m/%Y %H:%M": "dmy",
    "%m/%d/%Y %I:%M:%S %p": "mdy",
    "%Y-%m-%dT%H:%M:%SZ": "ymd",
}
NAMES = {
    "english": ("Date", "Open", "High", "Low", "Close", "Volume"),
    "german": ("Datum", "Eröffnung", "Hoch", "Tief", "Schluss", "Volumen"),
    "polish": ("Data", "Otwarcie", "Najwyższy", "Najniższy", "Zamknięcie", "Wolumen"),
    "chinese": ("日期", "开盘", "最高", "最低", "收盘", "成交量"),
}
ENCODINGS = {
    "english": ("utf-8", "cp1252", "utf-16"),
    "german": ("utf-8", "utf-8-sig", "cp1252"),
    "polish": ("utf-8", "cp1250"),
    "chinese": ("utf-8", "gb18030", "utf-16"),
}


@st.composite
def files(draw) -> tuple[Made, str]:
    """A file in any mixture of habits, and how its dates are written."""
    days = draw(st.sampled_from(list(DATES)))
    frame = known(
        draw(st.integers(2, 70)),
        price=draw(st.sampled_from([1.3, 87.0, 1200.0, 115_592.0])),
        digits=draw(st.sampled_from([2, 2, 3, 4])),
        start=f"20{draw(st.integers(0, 24)):02}-{draw(st.integers(1, 12)):02}-01",
    )
    language = draw(st.sampled_from(list(NAMES)))
    decimal, thousands = draw(
        st.sampled_from([(".", ""), (".", ","), (",", "."), (",", ""), (",", " "), (".", "'")])
    )
    digits = draw(
        st.integers(2, 4).filter(lambda d: (frame.iloc[:, 1:5].round(d) == frame.iloc[:, 1:5]).all(axis=None))
    )
    order = draw(st.permutations(range(6)))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    quote = draw(st.booleans()) or delimiter in (decimal, thousands) or delimiter in days
    turn = draw(st.sampled_from([1, -1]))

    def cells(row: pd.Series) -> list[str]:
        prices = [number(row[c], decimal, thousands, digits) for c in ("open", "high", "low", "close")]
        return [row["date"].strftime(days), *prices, number(row["volume"], decimal, thousands, 0)]

    rows = [[cells(row)[i] for i in order] for _, row in frame.iterrows()][::turn]
    header = [NAMES[language][i] for i in order]
    before = draw(st.sampled_from([(), ("Prices of one share", ""), ("sep=" + delimiter,)]))
    text = lines(header, rows, delimiter, quote, before if not quote else ())
    data = text.encode(draw(st.sampled_from(ENCODINGS[language])))
    return Made(data, frame[["date", "open", "high", "low", "close", "volume"]]), DATES[days]


def wrong(table: Table, truth: pd.DataFrame) -> set[str]:
    """The guesses that must be wrong, by what differs."""
    found = set()
    if table.frame["date"].tolist() != truth["date"].tolist():
        found.add("dates")
    elif any(not np.array_equal(table.frame[table.roles[r]], truth[r]) for r in truth.columns.drop("date")):
        found.add("decimal")
    return found


@settings(max_examples=40)
@given(files())
def test_known_prices_come_back_or_the_guess_is_not_sure(file):
    made, days = file
    table = read_table(made.data)
    for name in wrong(table, made.truth):
        assert not table.guesses[name].sure, name
    told = {"decimal": "," if table.guesses["decimal"].value == "." else ".", "dates": days}
    if mistaken := wrong(table, made.truth):
        # The user sets it right; then all is read as it was written.
        table = read_table(made.data, **{name: told[name] for name in mistaken})
        assert not wrong(table, made.truth) - {"decimal"}


SEEDS = st.sampled_from(
    [
        b"Date,Close\n2020-01-02,1.5\n2020-01-03,1.6\n",
        b"Datum;Schluss\n02.01.2020;1.234,5\n03.01.2020;1.235,5\n",
        "日期,收盘\n20200102,1\n20200103,2\n".encode("gbk"),
        b"1577836800000,1,3,1,2,9\n1577923200000,2,3,1,2,9\n1578009600000,2,3,1,2,9\n",
    ]
)


@settings(max_examples=60)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))))
@example(b"\x89PNG\r\n\x1a\n\x00\x00")
@example(b"Date,Close\n\x00\x00,\x00\n")
def test_any_bytes_give_a_table_or_a_sentence(data):
    read_or_told(data)


@settings(max_examples=60)
@given(SEEDS, st.data())
def test_a_damaged_file_gives_a_table_or_a_sentence(data, draw):
    for _ in range(draw.draw(st.integers(1, 4))):
        cut = draw.draw(st.integers(0, len(data)))
        length = draw.draw(st.integers(0, 12))
        piece = draw.draw(
            st.one_of(st.binary(max_size=4), st.sampled_from([b'"', b"\n", b",", b"-", b"9999", b"inf"]))
        )
        data = data[:cut] + piece + data[cut + length :]
    read_or_told(data)


CELLS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["2020-01-02", "1/2/20", "1.5", "-", "1,5", "1e999", "9999-12-31", "<b>", "=1+1", "31.12.2020", "5%"]
    ),
    st.integers(-(10**20), 10**20).map(str),
)


@settings(max_examples=60)
@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), max_size=8)))
def test_any_cells_give_a_table_or_a_sentence(rows):
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
    read_or_told("\n".join(",".join(row) for row in quoted).encode("utf-8", "replace"))


def read_or_told(data: bytes) -> None:
    """A table that keeps its promises, or a TableError of one line."""
    try:
        table = read_table(data)
    except TableError as error:
        sentence = str(error)
    else:
        sentence = "a table"
        promises_kept(table)
    assert sentence.strip()
    assert "\n" not in sentence


def promises_kept(table: Table) -> None:
    dates = table.frame[table.date_column]
    assert dates.is_monotonic_increasing
    assert dates.is_unique
    assert dates.notna().all()
    values = table.frame.drop(columns=table.date_column)
    assert (values.dtypes == np.float64).all()
    assert not np.isinf(values.to_numpy()).any()
    assert table.target in table.targets
    assert set(table.targets) <= set(values.columns)
    assert all(value in dict(guess.choices) for guess in table.guesses.values() for value in [guess.value])
