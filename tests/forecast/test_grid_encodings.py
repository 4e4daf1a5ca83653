"""Encodings: told by marks, by words and by letters; what is damaged or cut off is said."""

import pytest

from rnnviz.forecast.reading.rows.encoding import decode
from rnnviz.forecast.reading.rows.file import grid_of

HEADERS = {
    "gb18030": "日期,开盘,收盘,最高,最低,成交量",
    "big5hkscs": "日期,開盤價,收盤價,最高價",
    "cp932": "日付け,終値,始値,高値",
    "euc_jp": "日付け,終値,始値,高値",
    "cp949": "날짜,종가,오픈,고가",
    "cp1252": "Datum,Eröffnung,Schlußkurs,Höchst",
    "cp1250": "Data,Otwarcie,Najwyższy,Zamknięcie",
    "cp1251": "Дата,Цена,Откр.,Макс.",
    "cp1253": "Ημερομηνία,Τελευταία,Άνοιγμα",
    "cp1254": "Tarih,Şimdi,Açılış,Düşük",
    "cp1255": "תאריך,שער,פתיחה,גבוה",
    "cp850": "Datum,Eröffnung,Schlußkurs,Höchst",
    "mac_roman": "Datum,Eröffnung,Schlußkurs,Höchst",
    "utf-8": "日期,开盘,收盘",
    "utf-16": "Date,Close,Größe",
    "utf-32": "Date,Close,Größe",
    "utf-16-le": "Date,Close,Größe",
    "utf-16-be": "Date,Close,Größe",
}
LETTERS = {
    "gb18030": "浦发银行",
    "big5hkscs": "聯發科",
    "cp932": "トヨタ自動車",
    "cp949": "삼성전자",
    "cp1252": "Société Générale",
    "cp1250": "Wartość końcowa w złotych",
    "cp1251": "Газпром",
}


def file(first: str, width: int) -> str:
    return "".join([first, "\n", *(f"2020-01-{day:02d}{',1.5' * (width - 1)}\n" for day in range(2, 9))])


@pytest.mark.parametrize("encoding", HEADERS)
def test_by_marks_and_words(encoding):
    header = HEADERS[encoding]
    grid = grid_of(file(header, header.count(",") + 1).encode(encoding))
    assert grid.names == tuple(header.split(","))
    assert grid.guesses["encoding"].value == encoding
    assert grid.guesses["encoding"].sure


@pytest.mark.parametrize("encoding", LETTERS)
def test_by_letters_alone(encoding):
    text = f"Date,Name,Close\n2020-01-02,{LETTERS[encoding]},1\n2020-01-03,{LETTERS[encoding]},2\n"
    grid = grid_of(text.encode(encoding))
    assert grid.cells[1].tolist() == [LETTERS[encoding]] * 2
    guess = grid.guesses["encoding"]
    assert guess.value == encoding
    assert not guess.sure
    assert encoding in dict(guess.choices)
    assert len(guess.choices) > 3


def test_the_user_may_say_otherwise():
    text = "Date,Name,Close\n2020-01-02,Ãëåê,1\n2020-01-03,x,2\n"
    assert grid_of(text.encode("cp1252"), encoding="windows-1252").cells[1][0] == "Ãëåê"
    assert grid_of(text.encode("cp1252"), encoding="cp1251").guesses["encoding"].value == "cp1251"


def test_marks_are_no_part_of_the_first_name():
    for mark in (b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf"):
        assert grid_of(mark + file("Date,Close", 2).encode()).names == ("Date", "Close")


def test_cut_off_in_the_middle_of_a_letter():
    for encoding in ("utf-8", "gb18030"):
        whole = "日期,名称,收盘\n" + "2020-01-02,浦发银行,1\n" * 5
        found = decode((whole + "2020-01-03,浦").encode(encoding)[:-1])
        assert found.text == whole + "2020-01-03,"
        assert found.guess.value == encoding
        assert "cut off" in found.warnings[0]


def test_a_broken_letter_does_not_make_utf_8_something_else():
    data = file("日期,开盘,收盘", 3).encode() + "2020-02-01,浦发银行,1\n".encode().replace(
        b"\xe5\x8f\x91", b"\xe5\x8f"
    )
    found = decode(data)
    assert found.guess.value == "utf-8"
    assert "\ufffd" in found.text
    assert found.warnings


def test_nul_bytes():
    plain = file("Date,Close", 2).encode() * 20
    assert grid_of(plain + b"\0" * 4096).warnings == ()
    grid = grid_of(plain.replace(b"1.5", b"1\0.5", 2))
    assert grid.cells[1][0] == "1.5"
    assert grid.warnings == ("2 control characters that no text has (NUL and the like) left out.",)
