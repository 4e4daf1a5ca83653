"""Defects: every line that is no row is counted and shown, with its number and the reason."""

import pytest

from rnnviz.forecast import TableError
from rnnviz.forecast.reading.rows.file import grid_of

DAYS = [f"2020-01-{day:02d}" for day in range(1, 29)]


def test_ragged_lines():
    rows = [f"{day},1,2" for day in DAYS]
    rows[3], rows[7] = "2020-01-04,1", "2020-01-08,1,2,3"
    grid = grid_of("\n".join(["Date,Open,Close", *rows]).encode())
    assert grid.left_out == (
        (5, "2020-01-04,1", "2 values where 3 are expected"),
        (9, "2020-01-08,1,2,3", "4 values where 3 are expected"),
    )
    assert len(grid.cells) == len(DAYS) - 2
    assert grid.warnings == ("2 lines left out: not the 3 values that a row has.",)


def test_a_quote_that_does_not_close_costs_its_own_line_at_most():
    rows = [f'{day},"1,000",2' for day in DAYS]
    rows[4] = '2020-01-05,"1000,2'
    rows[9] = '2020-01-10,"1,000,2'
    grid = grid_of("\n".join(["Date,Open,Close", *rows]).encode())
    assert len(grid.cells) == len(DAYS) - 1
    assert grid.cells[1][4] == "1000"
    assert grid.left_out == ((11, "2020-01-10,1,000,2", "a quote that does not close"),)
    assert "2 lines" in grid.warnings[0]


@pytest.mark.parametrize("tail", ["", ";;;"])
def test_lines_that_are_quoted_as_a_whole(tail):
    rows = [f'"{day},""1,000"",2"{tail}' for day in DAYS]
    grid = grid_of("\n".join([f'"Date,Open,Close"{tail}', *rows]).encode())
    assert grid.names == ("Date", "Open", "Close")
    assert grid.cells.iloc[0].tolist() == [DAYS[0], "1,000", "2"]
    assert "Each line stands in quotes as a whole; they were taken off." in grid.report


def test_every_line_may_have_a_quote_that_does_not_close():
    grid = grid_of("\n".join(["Date,Close", *(f'"{day},1' for day in DAYS)]).encode())
    assert grid.cells[0].tolist() == DAYS


def test_many_rows_that_end_early_are_filled_up():
    rows = [f"{day},1,2,3" if i % 3 else f"{day},1,2" for i, day in enumerate(DAYS)]
    grid = grid_of("\n".join(["Date,Open,Close,Volume", *rows]).encode())
    assert len(grid.cells) == len(DAYS)
    assert grid.cells[3].tolist() == ["3" if i % 3 else "" for i in range(len(DAYS))]
    assert any("end early" in said for said in grid.report)


def test_decimal_commas_in_a_file_of_commas_are_joined_where_only_one_way_fits():
    rows = [
        f"{day},10,5{i % 10},11,2{i % 10},9,8{i % 10},10,1{i % 10},{1000 + i}" for i, day in enumerate(DAYS)
    ]
    grid = grid_of("\n".join(["Date,Open,High,Low,Close,Volume", *rows]).encode())
    assert grid.names == ("Date", "Open", "High", "Low", "Close", "Volume")
    assert grid.cells.iloc[3].tolist() == ["2020-01-04", "10,53", "11,23", "9,83", "10,13", "1003"]
    assert "Open, High, Low, Close" in grid.warnings[0]


def test_decimal_commas_that_may_belong_anywhere_are_refused():
    rows = [f"{day},10,12,11,13,9,12" for day in DAYS]
    with pytest.raises(TableError, match="expected 5 values in each row, as line 1 names them, got 7"):
        grid_of("\n".join(["Date,Open,High,Low,Close", *rows]).encode())


def test_a_comma_in_the_date():
    rows = [f"Jan {day}, 2020,{day}.5" for day in range(1, 29)]
    grid = grid_of("\n".join(["Date,Price", *rows]).encode())
    assert grid.names == ("Date", "Price")
    assert grid.cells.iloc[0].tolist() == ["Jan 1,2020", "1.5"]


def test_thousands_commas_without_quotes():
    rows = [f"{day},1,234.5{i % 10},1,250.0{i % 10}" for i, day in enumerate(DAYS)]
    grid = grid_of("\n".join(["Date,Low,High", *rows]).encode())
    assert grid.cells.iloc[1].tolist() == ["2020-01-02", "1,234.51", "1,250.01"]


def test_empty_lines_and_lines_of_separators_alone():
    rows = "\n".join(f"{day},1\n,\n" for day in DAYS)
    grid = grid_of(f"Date,Close\n{rows}".encode())
    assert grid.cells[0].tolist() == DAYS
    assert grid.left_out == ()
    assert any("empty lines" in said for said in grid.report)


def test_a_row_of_words_in_the_middle_stays_for_the_columns_to_judge():
    rows = [f"{day},1" for day in DAYS]
    rows[5] = "2020-01-06,halted"
    assert grid_of("\n".join(["Date,Close", *rows]).encode()).cells[1][5] == "halted"


def test_markup_in_a_header_is_text():
    grid = grid_of(b"Date,<script>alert(1)</script>\n2020-01-02,1\n2020-01-03,2\n")
    assert grid.names == ("Date", "<script>alert(1)</script>")


def test_a_file_that_ends_in_the_middle_of_a_row():
    grid = grid_of(b"Date,Open,Close\n2020-01-02,1,2\n2020-01-03,1,2\n2020-01-06,1")
    assert len(grid.cells) == 2
    assert grid.left_out == ((4, "2020-01-06,1", "2 values where 3 are expected"),)
