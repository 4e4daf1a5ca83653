"""Files as people upload them, whose dates and prices are known: read exactly, whatever the program and place."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from time import perf_counter

import numpy as np
import pandas as pd
import pytest

from rnnviz.forecast import Table, TableError, read_table

ROWS = 90
DAYS = pd.date_range("2019-09-02", periods=ROWS, freq="B")
MONTHS = pd.date_range("1995-01-01", periods=ROWS, freq="MS")
WEEKS = pd.date_range("2018-01-01", periods=ROWS, freq="W-MON")
CLOSE = np.round(100 * np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.012, ROWS))), 2)
OPEN = np.round(CLOSE + np.random.default_rng(9).normal(0, 0.5, ROWS), 2)
HIGH, LOW = np.maximum(OPEN, CLOSE) + 0.31, np.minimum(OPEN, CLOSE) - 0.27

Cells = Callable[[int], list[object]]


def written(
    names: str, cells: Cells, mark: str = ",", above: tuple[str, ...] = (), encoding: str = "utf-8"
) -> bytes:
    """A file of as many rows as there are days."""
    lines = [*above, names, *(mark.join(map(str, cells(i))) for i in range(ROWS))]
    return ("\n".join(lines) + "\n").encode(encoding)


def comma(price: float) -> str:
    """A price with a decimal comma."""
    return f"{price:.2f}".replace(".", ",")


def same(table: Table, days: pd.DatetimeIndex, prices: np.ndarray) -> bool:
    """Whether these dates and prices were read, and no others."""
    read = table.prices
    return list(read.index) == list(days) and np.allclose(read.to_numpy(), prices, rtol=1e-12, atol=0)


def taiwan(i: int) -> str:
    return f"{DAYS[i].year - 1911}/{DAYS[i]:%m/%d}"


FILES: dict[str, bytes] = {
    "NSE, security wise: a last and a close price": written(
        "Symbol,Series,Date,Prev Close,Open Price,High Price,Low Price,Last Price,Close Price,Average Price",
        lambda i: [
            "MRF",
            "EQ",
            f"{DAYS[i]:%d-%b-%Y}",
            99,
            OPEN[i],
            HIGH[i],
            LOW[i],
            LOW[i],
            CLOSE[i],
            OPEN[i],
        ],
    ),
    "CME: a last and a settlement price": written(
        "Date,Open,High,Low,Last,Change,Settle,Volume",
        lambda i: [f"{DAYS[i]:%Y-%m-%d}", OPEN[i], HIGH[i], LOW[i], LOW[i], 0.1, CLOSE[i], 5000 + i],
    ),
    "Compustat": written(
        "gvkey,iid,datadate,tic,conm,prccd,prcod,prchd,prcld,cshtrd",
        lambda i: [
            "001690",
            "01",
            f"{DAYS[i]:%Y/%m/%d}",
            "AAPL",
            "APPLE",
            CLOSE[i],
            OPEN[i],
            HIGH[i],
            LOW[i],
            9,
        ],
    ),
    "Forexite: DTYYYYMMDD": written(
        "<TICKER>,<DTYYYYMMDD>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>",
        lambda i: ["EURUSD", f"{DAYS[i]:%Y%m%d}", "000000", OPEN[i], HIGH[i], LOW[i], CLOSE[i], 4],
    ),
    "Yahoo, pasted with its footnotes": written(
        "Date,Open,High,Low,Close* Close price adjusted for splits.,Volume",
        lambda i: [f'"{DAYS[i]:%b %d, %Y}"', OPEN[i], HIGH[i], LOW[i], CLOSE[i], f'"{1_000_000 + i:,}"'],
    ),
    "Investing.com in Hebrew, with marks of direction": written(
        "תאריך,מחיר,פתיחה,גבוה,נמוך",
        lambda i: [f"\u200f{DAYS[i]:%d/%m/%Y}\u200f", f"\u202d{CLOSE[i]}\u202c", OPEN[i], HIGH[i], LOW[i]],
    ),
    "Investing.com in Hungarian": written(
        "Dátum;Utolsó;Nyitó;Max;Min",
        lambda i: [f"{DAYS[i]:%Y.%m.%d}.", *map(comma, (CLOSE[i], OPEN[i], HIGH[i], LOW[i]))],
        mark=";",
    ),
    "TWSE: years of Taiwan": written(
        "日期,開盤價,最高價,最低價,收盤價",
        lambda i: [taiwan(i), OPEN[i], HIGH[i], LOW[i], CLOSE[i]],
        encoding="big5",
    ),
    "years of Taiwan in words": written(
        "日期,收盤價", lambda i: [f"民國{DAYS[i].year - 1911}年{DAYS[i]:%m}月{DAYS[i]:%d}日", CLOSE[i]]
    ),
    "Ministry of Finance, Japan: years of an emperor": written(
        "基準日,1年,10年",
        lambda i: [f"R{DAYS[i].year - 2018}.{DAYS[i].month}.{DAYS[i].day}", CLOSE[i], 1.5],
        above=("国債金利情報,(単位 : %)",),
        encoding="cp932",
    ),
    "years of Thailand": written("วันที่,ราคาปิด", lambda i: [f"{DAYS[i]:%d/%m}/{DAYS[i].year + 543}", CLOSE[i]]),
    "six digits": written("Date,Close", lambda i: [f"{DAYS[i]:%y%m%d}", CLOSE[i]]),
    "isolated text": written(
        "Date,Close", lambda i: [f"\u2066{DAYS[i]:%d/%m/%Y}\u2069", f"\u2068{CLOSE[i]}\u2069"]
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_read_exactly(name: str) -> None:
    assert same(read_table(FILES[name]), DAYS, CLOSE)


@pytest.mark.parametrize(
    ("days", "write"),
    [
        (MONTHS, lambda day: f"{day:%b-%y}"),
        (MONTHS, lambda day: f"{day.year}M{day.month:02d}"),
        (WEEKS, lambda day: f"{day.isocalendar()[0]}-W{day.isocalendar()[1]:02d}"),
    ],
    ids=["Jan-95", "1995M01", "2018-W01"],
)
def test_months_and_weeks(days: pd.DatetimeIndex, write: Callable[[pd.Timestamp], str]) -> None:
    table = read_table(written("Period,Price", lambda i: [write(days[i]), CLOSE[i]]))
    assert same(table, days, CLOSE)


def test_days_without_a_year_are_no_months() -> None:
    with pytest.raises(TableError, match="expected dates"):
        read_table(written("Date,Close", lambda i: [f"{DAYS[i]:%b-%d}", CLOSE[i]]))


def test_whose_years_they_were_is_said() -> None:
    table = read_table(FILES["TWSE: years of Taiwan"])
    assert "Years are counted as in Taiwan." in table.report
    assert any('"108/09/02" is 2019-09-02' in said for said in table.report)


def test_years_of_two_digits_are_said_without_separators_too() -> None:
    assert any("Years of two digits" in said for said in read_table(FILES["six digits"]).report)


def test_four_currencies_are_no_candle() -> None:
    """The London gold price in four columns keeps its order every day; candles do not."""
    table = read_table(
        written(
            "Date,USD (AM),USD (PM),GBP (AM),EURO (AM)",
            lambda i: [f"{DAYS[i]:%Y-%m-%d}", CLOSE[i], CLOSE[i] + 1, 0.8 * CLOSE[i], 0.9 * CLOSE[i]],
        )
    )
    assert same(table, DAYS, CLOSE)
    assert not table.guesses["target"].sure
    assert not any("as high" in said or "Told by the values" in said for said in table.report)


def test_a_rate_beside_a_price_is_no_second_security() -> None:
    table = read_table(
        written(
            "Date,S&P500,Long Interest Rate,Real Price",
            lambda i: [f"{MONTHS[i]:%Y-%m-%d}", CLOSE[i], 5.32, 8 * CLOSE[i]],
        )
    )
    assert same(table, MONTHS, CLOSE)
    assert "ticker" not in table.guesses


def test_the_only_column_is_not_said_to_be_known_by_name() -> None:
    table = read_table(written("observation_date,DCOILWTICO", lambda i: [f"{DAYS[i]:%Y-%m-%d}", CLOSE[i]]))
    assert 'The prices are in "DCOILWTICO", the only column of numbers.' in table.report
    assert not any("by name" in said for said in table.report)


def test_a_gzip_file_of_very_many_members_takes_no_time() -> None:
    """Each member left the rest of the file to be copied: minutes for 25 MB."""
    start = perf_counter()
    with pytest.raises(TableError, match="damaged"):
        read_table(gzip.compress(b"") * 500_000)
    assert perf_counter() - start < 5


def test_a_gzip_file_of_some_members_is_read_whole() -> None:
    text = written("Date,Close", lambda i: [f"{DAYS[i]:%Y-%m-%d}", CLOSE[i]])
    packed = b"".join(gzip.compress(text[at : at + 7]) for at in range(0, len(text), 7))
    assert same(read_table(packed + bytes(512)), DAYS, CLOSE)


def test_a_zip_whose_pieces_unpack_to_gigabytes_is_refused_unread() -> None:
    """45 bytes of bzip2 hold 900 kB, and zipfile unpacks all that one read brings: 3.8 GB were measured."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("prices.csv", written("Date,Close", lambda i: [f"{DAYS[i]:%Y-%m-%d}", CLOSE[i]]))
    with pytest.raises(TableError, match="expected a common zip file"):
        read_table(file.getvalue())


def test_more_cells_than_fit_are_refused() -> None:
    packed = gzip.compress((b"1," * 999 + b"1\n") * 21_000, 1)
    with pytest.raises(TableError, match="at most 20,000,000 cells"):
        read_table(packed)
