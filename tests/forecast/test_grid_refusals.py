"""What is no table of text gets one sentence that says what it is and what to do."""

import gzip
import io
import json
import zipfile

import pytest

from rnnviz.forecast import TableError, limits
from rnnviz.forecast.reading.rows.file import grid_of

CSV = b"Date,Close\n2020-01-02,1\n2020-01-03,2\n"


def zipped(**files: bytes) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return found.getvalue()


REFUSED = {
    "an empty file": b"",
    "a file without text": b" \n\t\n\r\n ",
    "nothing below": b"Date,Open,High,Low,Close\n",
    "text alone": b"Name,City,Country\n" + b"Anna,Rome,Italy\nBob,Paris,France\n" * 9,
    "a picture (PNG)": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "a picture (JPEG)": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "an Excel workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "a spreadsheet": zipped(**{"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<w/>"}),
    "an office document": zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
    "a PDF document": b"%PDF-1.7\n",
    "a Parquet file": b"PAR1\x15\x04",
    "an SQLite database": b"SQLite format 3\0\x10\0",
    "a packed file": b"7z\xbc\xaf\x27\x1c",
    'a web page ("404 Not Found")': b"<!DOCTYPE html>\n<html><head><title>404 Not\n Found</title></head></html>",
    "got XML": b'<?xml version="1.0"?><rows/>',
    'JSON ("Thank you for using Alpha Vantage! 25 requests per day.")': json.dumps(
        {"Information": "Thank you for using Alpha Vantage! 25 requests per day."}
    ).encode(),
    'JSON ("No data found, symbol may be delisted")': json.dumps(
        {"chart": {"result": None, "error": {"description": "No data found, symbol may be delisted"}}}
    ).encode(),
    "got JSON;": b'[[1499040000000,"0.01634790"],[1499126400000,"0.01600000"]]',
    "not text": bytes(i * 37 % 256 for i in range(4096)),
    "got 2 (": zipped(**{"a.csv": CSV, "b.csv": CSV}),
    "got none": zipped(),
    "locked or damaged": zipped(**{"a.csv": CSV})[:40],
    "damaged one": gzip.compress(CSV * 50)[:-12],
}


@pytest.mark.parametrize("says", REFUSED)
def test_one_sentence(says):
    with pytest.raises(TableError) as caught:
        grid_of(REFUSED[says])
    sentence = str(caught.value)
    assert says in sentence
    assert sentence.startswith("expected ")
    assert "\n" not in sentence
    assert len(sentence) < 250


def test_packed_tables_are_opened_and_it_is_said():
    for data in (
        gzip.compress(CSV),
        zipped(**{"prices.csv": CSV, "readme.html": b"<html>", "__MACOSX/prices.csv": b"x"}),
    ):
        grid = grid_of(data)
        assert grid.names == ("Date", "Close")
        assert "packed" in grid.report[0]


def test_bombs_are_given_up_early(monkeypatch):
    monkeypatch.setattr("rnnviz.forecast.reading.source.UNPACKED", 2 * 1024**2)
    zeros = b"0" * (64 * 1024**2)
    for data in (
        gzip.compress(zeros, 1),
        gzip.compress(zeros[: 1024**2], 1) * 64,
        zipped(**{"a.csv": zeros}),
    ):
        with pytest.raises(TableError, match="at most 2 MB of unpacked text"):
            grid_of(data)


def test_files_that_are_too_large(tmp_path):
    path = tmp_path / "large.csv"
    path.write_bytes(b"1" * (limits.UPLOADED + 1))
    for source in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        with pytest.raises(TableError, match="at most 25 MB"):
            grid_of(source)


def test_too_many_rows(monkeypatch):
    monkeypatch.setattr("rnnviz.forecast.reading.rows.layout.ROWS", 1000)
    monkeypatch.setattr("rnnviz.forecast.reading.rows.layout._SEARCHED", 10)
    with pytest.raises(TableError, match="at most 1,000 rows, got 2,000"):
        grid_of(b"2020-01-02,1\n" * 2000)


def test_a_path_that_is_none():
    for path in ("/no/such/file.csv", "/", "a\0b", "x" * 5000):
        with pytest.raises(TableError, match="expected a file that can be read"):
            grid_of(path)
