"""Files of many programs as grids of text: the cells, the names, the line each row stands on."""

import io

import numpy as np
import pandas as pd
import pytest

from rnnviz.forecast import TableError
from rnnviz.forecast.reading.rows.file import grid_of

ROWS = [["2020-01-02", "10.5", "11"], ["2020-01-03", "10.6", "12"], ["2020-01-06", "10.4", "9"]]


def joined(mark: str = ",", header: str = "Date,Close,Volume", end: str = "\n") -> str:
    return end.join([header.replace(",", mark), *(mark.join(row) for row in ROWS)]) + end


def cells(grid):
    return grid.cells.to_numpy().tolist()


def test_a_plain_file():
    grid = grid_of(joined().encode())
    assert grid.names == ("Date", "Close", "Volume")
    assert cells(grid) == ROWS
    assert grid.lines.tolist() == [2, 3, 4]
    assert grid.header
    assert grid.left_out == ()
    assert grid.warnings == ()
    assert list(grid.cells.columns) == [0, 1, 2]
    assert all(isinstance(kind, pd.StringDtype) for kind in grid.cells.dtypes)
    assert {name: guess.value for name, guess in grid.guesses.items()} == {
        "encoding": "utf-8",
        "delimiter": ",",
        "header": "1",
    }


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", " ", "  ", "^", "，"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(mark, end):
    grid = grid_of(joined(mark, end=end).encode())
    assert cells(grid) == ROWS
    assert grid.guesses["delimiter"].value == ({"  ": " ", "，": ","}.get(mark, mark))


def test_a_path_and_an_open_file(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_bytes(joined().encode())
    for source in (path, str(path), io.BytesIO(joined().encode())):
        assert cells(grid_of(source)) == ROWS
    with path.open("rb") as file:
        assert cells(grid_of(file)) == ROWS


def test_a_decimal_comma_does_not_part_values():
    text = (
        "Datum;Eröffnung;Schluss;Volumen\n02.01.2020;10,5;11,2;\n03.01.2020;10,6;11;\n06.01.2020;10;11,1;\n"
    )
    grid = grid_of(text.encode("cp1252"))
    assert grid.names == ("Datum", "Eröffnung", "Schluss", "Volumen")
    assert cells(grid)[0] == ["02.01.2020", "10,5", "11,2", ""]


def test_quotes_hold_separators_quotes_and_line_ends():
    text = 'Date,"Adj\nClose","The ""good"" one"\n"2020-01-02","5,352.10",\n2020-01-03,"1",x\n"2020-01-06",2,"a, b"\n'
    grid = grid_of(text.encode())
    assert grid.names == ("Date", "Adj Close", 'The "good" one')
    assert cells(grid) == [
        ["2020-01-02", "5,352.10", ""],
        ["2020-01-03", "1", "x"],
        ["2020-01-06", "2", "a, b"],
    ]
    assert grid.lines.tolist() == [3, 4, 5]


def test_apostrophes_and_formulas_that_keep_excel_quiet():
    grid = grid_of('日期,代码,收盘\n="2020-01-02",\'600000,1.5\n="2020-01-03",\'600000,1.6\n'.encode())
    assert cells(grid) == [["2020-01-02", "600000", "1.5"], ["2020-01-03", "600000", "1.6"]]


def test_three_header_lines_of_yfinance():
    text = "Price,Close,High\nTicker,AAPL,AAPL\nDate,,\n2020-01-02,1,2\n2020-01-03,3,4\n"
    grid = grid_of(text.encode())
    assert grid.names == ("Date", "Close", "High")
    assert grid.ticker == "AAPL"
    assert grid.lines.tolist() == [4, 5]
    assert "Lines 1 to 3 name the columns." in grid.report


@pytest.mark.parametrize(
    "above",
    [
        ["Ticker,AAPL,AAPL,MSFT,MSFT", "Price,Open,Close,Open,Close", "Date,,,,"],
        [",AAPL,AAPL,MSFT,MSFT", "Date,Open,Close,Open,Close"],
        [",AAPL,,MSFT,", "Date,Open,Close,Open,Close"],
    ],
)
def test_several_securities_side_by_side(above):
    grid = grid_of("\n".join([*above, "2020-01-02,1,2,3,4", "2020-01-03,5,6,7,8", ""]).encode())
    assert grid.names == ("Date", "AAPL Open", "AAPL Close", "MSFT Open", "MSFT Close")
    assert len(grid.cells) == 2


def test_a_line_of_units_is_no_row():
    grid = grid_of(b"Date,Open,Close,Volume\n,USD,USD,shares\n2020-01-02,1,2,3\n2020-01-03,1,2,3\n")
    assert grid.names == ("Date", "Open", "Close", "Volume")
    assert grid.lines.tolist() == [3, 4]


def test_a_frame_as_pandas_prints_it():
    grid = grid_of(b"            Open  Close\nDate\n2020-01-02   1.5    1.6\n2020-01-03   1.7    1.8\n")
    assert grid.names == ("column 1", "Open", "Close")
    assert cells(grid) == [["2020-01-02", "1.5", "1.6"], ["2020-01-03", "1.7", "1.8"]]


def test_a_line_of_types_is_no_row():
    grid = grid_of(b"Date,Close\ndatetime,float\n2020-01-02,1\n2020-01-03,2\n")
    assert grid.names == ("Date", "Close")


@pytest.mark.parametrize("between", ["Transform:,5,5", "-----", "prices in dollars"])
def test_what_stands_between_the_names_and_the_rows(between):
    grid = grid_of(f"sasdate,RPI,INDPRO\n{between}\n1/1/1959,1.5,2.5\n2/1/1959,1.6,2.6\n".encode())
    assert grid.names == ("sasdate", "RPI", "INDPRO")
    assert grid.lines.tolist() == [3, 4]
    assert grid.left_out[0][:2] == (2, between)


def test_no_header():
    grid = grid_of(b"1499040000000,0.0163,0.80\n1499126400000,0.0157,0.81\n")
    assert grid.names == ("column 1", "column 2", "column 3")
    assert not grid.header
    assert grid.lines.tolist() == [1, 2]
    assert grid.guesses["header"].value == "0"


def test_preamble_and_footer_are_left_out_and_shown():
    text = (
        "Security,AAPL US Equity,\nStart Date,2020-01-01,\n\n"
        "Date,PX_LAST,PX_OPEN\n2020-01-02,1,2\n2020-01-03,3,4\n2020-01-06,5,6\n"
        "Downloaded from Barchart.com as of 01-02-2020\nTotal,9,12\n"
    )
    grid = grid_of(text.encode())
    assert grid.names == ("Date", "PX_LAST", "PX_OPEN")
    assert grid.lines.tolist() == [5, 6, 7]
    assert grid.ticker == "AAPL US Equity"
    assert [(line, reason) for line, _, reason in grid.left_out] == [
        (1, "above the table"),
        (2, "above the table"),
        (8, "below the table"),
        (9, "below the table"),
    ]


def test_the_header_in_the_middle_of_a_file_put_together():
    grid = grid_of((joined() + joined()).encode())
    assert cells(grid) == ROWS + ROWS
    assert grid.left_out == ((5, "Date,Close,Volume", "the header again"),)


def test_what_the_user_says_overrules():
    text = "Open,Close\n1,2\n2020-01-02;1,5\n2020-01-03;1,6\n2020-01-06;1,7\n"
    grid = grid_of(text.encode(), delimiter=",", header=0)
    assert grid.lines.tolist() == [1, 2, 3, 4, 5]
    assert grid.names == ("column 1", "column 2")
    grid = grid_of(text.encode(), header=2)
    assert grid.lines.tolist() == [3, 4, 5]
    assert grid.guesses["header"].value == "2"
    for wrong in (
        {"delimiter": "a"},
        {"delimiter": ",,"},
        {"header": 99},
        {"header": -1},
        {"encoding": "hex"},
    ):
        with pytest.raises(TableError, match="expected"):
            grid_of(text.encode(), **wrong)


def test_a_first_line_that_says_the_separator():
    grid = grid_of(b"sep=;\nDate;Close\n2020-01-02;1,5\n2020-01-03;1,6\n")
    assert grid.names == ("Date", "Close")
    assert grid.left_out == ((1, "sep=;", "above the table"),)


def test_separators_at_the_end_of_lines_are_no_columns():
    for header in ("Date,Close", "Date,Close,"):
        grid = grid_of(f"{header}\n2020-01-02,1,\n2020-01-03,2,\n".encode())
        assert grid.names == ("Date", "Close")
    grid = grid_of(b"Date,Close\n2020-01-02,1\n2020-01-03,2,,\n2020-01-06,3\n")
    assert cells(grid)[1] == ["2020-01-03", "2"]
    assert grid.left_out == ()


def test_names_that_are_empty_or_repeat():
    grid = grid_of(b" Date , Close ,,Close\n2020-01-02,1,2,3\n2020-01-03,1,2,3\n")
    assert grid.names == ("Date", "Close", "column 3", "Close (2)")
    assert any("same name" in said for said in grid.warnings)


def test_a_header_without_a_name_for_the_index():
    grid = grid_of(b'"Open","Close"\n"2020-01-02",1,2\n"2020-01-03",1,2\n')
    assert grid.names == ("column 1", "Open", "Close")
    assert cells(grid)[0] == ["2020-01-02", "1", "2"]


def test_a_table_in_markdown():
    grid = grid_of(b"| Date | Close |\n|------|-------|\n| 2020-01-02 | 1.5 |\n| 2020-01-03 | 1.6 |\n")
    assert grid.names == ("Date", "Close")
    assert cells(grid) == [["2020-01-02", "1.5"], ["2020-01-03", "1.6"]]
    assert grid.left_out[0][2] == "a ruled line"


def test_thousands_of_columns():
    names = ["Date", *(f"c{i}" for i in range(1999))]
    rows = [["2020-01-02", *map(str, range(1999))], ["2020-01-03", *map(str, range(1999))]]
    grid = grid_of("\n".join(",".join(row) for row in [names, *rows]).encode())
    assert grid.cells.shape == (2, 2000)
    assert grid.cells[1999].tolist() == ["1998", "1998"]
    with pytest.raises(TableError, match="at most 2,000 columns, got 2,001"):
        grid_of("\n".join(",".join([*row, "x"]) for row in [names, *rows]).encode())


def test_lines_are_numbered_as_an_editor_shows_them():
    numbers = np.arange(3, 203)
    rows = "\n".join(f"2020-01-02,{i}" for i in numbers)
    grid = grid_of(f"Date,Line\n\n{rows}\n".encode())
    assert grid.lines.tolist() == numbers.tolist() == [int(cell) for cell in grid.cells[1]]
