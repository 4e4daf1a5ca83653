"""Whatever the bytes: a grid that holds together, or a TableError. Whatever the writer: the same cells again."""

import csv
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnnviz.forecast import TableError
from rnnviz.forecast.reading.rows.file import grid_of

MARKS = [bytes([mark]) for mark in b"\",;\n\r\t| \0\x1f'=-{["]
PIECES = [
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xe6\x97",
    b"\xd0\xd5",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"<html>",
    b"sep=;\n",
    b",,,",
]
WORDS = [b"1.5", b"9" * 400, b"2020-01-02", b"Date", b"Close", b"2020-01-02,1,2\n", b"Date,Open,Close\n"]
TOKENS = st.sampled_from([*MARKS, *PIECES, *WORDS, b"Ticker,AAPL,AAPL\n"])


@settings(max_examples=90)
@given(st.lists(TOKENS | st.binary(max_size=12), max_size=40).map(b"".join))
@example(b"\x1f\x8b")
@example(b"PK\x05\x06")
@example(b'"')
@example(b"\xff\xfe")
def test_any_bytes_give_a_grid_or_a_sentence(data):
    try:
        grid = grid_of(data)
    except TableError as error:
        sentence = str(error)
    else:
        sentence = ""
        holds_together(grid)
    assert "\n" not in sentence


def holds_together(grid):
    assert len(grid.names) == len(set(grid.names)) == grid.cells.shape[1]
    assert len(grid.lines) == len(grid.cells) > 0
    assert (grid.lines[1:] > grid.lines[:-1]).all()
    assert not set(grid.lines.tolist()) & {line for line, _, _ in grid.left_out}
    assert not grid.cells.isna().any().any()


names = st.lists(
    st.sampled_from(["Open", "High", 'Low "x"', "Close/Last", "Adj, Close", "Volume", "终值", "Prix"]),
    min_size=1,
    max_size=6,
    unique=True,
)
values = st.decimals(-9999, 99999, places=2).map(lambda number: f"{number:,}") | st.sampled_from(
    ["", "N/A", "0", "-"]
)


@settings(max_examples=60)
@given(
    names.flatmap(
        lambda found: st.tuples(st.just(found), st.lists(st.tuples(*[values] * len(found)), min_size=3))
    ),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"]),
    st.booleans(),
)
def test_what_a_csv_writer_wrote_comes_back(table, mark, end, quoting, encoding, header):
    columns, rows = table
    # A column without name and value is none; the first row has all values.
    rows = [tuple(cell or "0" for cell in rows[0]), *rows[1:]]
    written = [[f"2020-{1 + i // 28 % 12:02d}-{1 + i % 28:02d}", *row] for i, row in enumerate(rows)]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=mark, lineterminator=end, quoting=quoting)
    writer.writerows([["Date", *columns], *written] if header else written)
    grid = grid_of(text.getvalue().encode(encoding))
    assert grid.cells.to_numpy().tolist() == written
    assert grid.header == header
    if header:
        assert grid.names == ("Date", *columns)


LINES = st.sampled_from(
    ["2020-01-02,1.5,2", "2020-01-03,7,8", "2020-01-06,1", "Date,Open,Close", "", "a remark", ",,"]
)


@settings(max_examples=60)
@given(st.lists(LINES, min_size=3, max_size=30), st.sampled_from(["\n", "\r\n"]))
def test_every_line_is_a_row_or_names_columns_or_is_shown_or_blank(lines, end):
    try:
        grid = grid_of(end.join(lines).encode())
    except TableError:
        return
    full = {number for number, line in enumerate(lines, start=1) if line.strip(",")}
    shown = {line for line, _, _ in grid.left_out}
    rest = full - set(grid.lines.tolist()) - shown
    assert not shown & set(grid.lines.tolist())
    assert all(lines[line - 1] == text for line, text, _ in grid.left_out)
    assert len(rest) == grid.header
    assert all(line < grid.lines[0] for line in rest)
    for line, row in zip(grid.lines, grid.cells.to_numpy().tolist(), strict=True):
        assert ",".join(row) == lines[line - 1]
