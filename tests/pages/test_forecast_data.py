"""Series and files: what is read is what the library reads, what is overruled is read anew, and each sees his own."""

import re
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import pytest
from forecasters import QUICK, SMALL, buttons, compute, csv, drop, store
from visitor import Visitor, strings

from rnnviz import forecast
from rnnviz.forecast import TableError, limits, read_table, samples, stored
from rnnviz.runs import Runs
from rnnviz.ui.forecast import data, guesses, source
from rnnviz.ui.forecast.source import Sources

__all__ = ["store"]

CHINESE = "日期,收盘价,最高价,最低价,开盘价\n" + "\n".join(
    f"2020-{1 + k // 28:02d}-{1 + k % 28:02d},{20 + k % 7},{21 + k % 7},{19 + k % 7},20" for k in range(330)
)
GERMAN = "Datum;Schluss\n" + "\n".join(
    f"{1 + k % 28:02d}.{1 + k // 28:02d}.2020;1.2{k % 10}0,5{k % 7}" for k in range(330)
)
AMBIGUOUS = "Date,Price\n" + "\n".join(
    f"{1 + k // 12:02d}/{1 + k % 12:02d}/2020,{20 + k % 7}" for k in np.random.default_rng(0).permutation(144)
)
HOSTILE = "<img src=http://evil.example/x.png>"


def sources(visitor: Visitor) -> Sources:
    found: Sources = visitor.app.session_state["forecast_sources"]
    return found


def own(visitor: Visitor) -> source.Own:
    found = sources(visitor).own
    assert found is not None
    return found


def same(one: forecast.Table, two: forecast.Table) -> None:
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert (one.target, one.targets, one.report, one.warnings) == (
        two.target,
        two.targets,
        two.report,
        two.warnings,
    )


def choose(visitor: Visitor, key: str, value: str) -> Visitor:
    return visitor._touch(box(visitor, key).set_value(value))


def box(visitor: Visitor, key: str) -> Any:
    """The select box of that key; some carry the number of the upload."""
    (found,) = [one for one in visitor.app.selectbox if re.fullmatch(rf"{key}(_\d+)?", one.key or "")]
    return found


# Samples


@pytest.mark.parametrize("name", [name for name, _ in samples.SAMPLES if name != "own"])
def test_each_sample_is_shown_as_it_is(name: str) -> None:
    visitor = Visitor("forecast", sample=name, part="data", **SMALL)
    table = samples.sample(name)
    assert f"{len(table.prices):,} prices" in visitor.html
    assert data.day(table.prices.index[-1]) in visitor.html
    assert table.report[0] in unescape(visitor.html)
    assert f"{table.prices.iloc[-1]:,.10g}</td>" in visitor.html
    assert visitor.chart("forecast_data")["alt"].strip()


def test_another_column_of_a_sample_is_forecast(store: Runs) -> None:
    visitor = Visitor("forecast", owner="ada", part="data", **SMALL)
    choose(visitor, "f_target", "high")
    assert "Train takes what is new" in visitor.html
    visitor.click("Train")
    run = store.get(visitor.address["forecast"])
    assert run is not None
    np.testing.assert_array_equal(stored.prices(run.spec), samples.sample("aapl").frame["high"])
    assert "what is new" not in visitor.html
    again = Visitor("forecast", owner="ada", **(visitor.address | {"part": "data"}))
    assert box(again, "f_target").value == "high"
    assert "what is new" not in again.html
    visitor.forge("f_sample", "string_value", "nothing")
    assert visitor.session.view.sample == "aapl"


# Files


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("yahoo.csv", csv().encode()),
        ("netease.csv", CHINESE.encode("gb18030")),
        ("bank.csv", GERMAN.encode("cp1252")),
        ("wide.txt", csv().replace(",", "\t").encode("utf-16")),
    ],
)
def test_a_file_is_shown_as_the_library_reads_it(name: str, content: bytes) -> None:
    visitor = drop(Visitor("forecast", **SMALL), content, name)
    truth = read_table(content, name=name)
    same(own(visitor).table, truth)
    assert visitor.session.view.sample == "own"
    assert visitor.session.view.part == "data"
    shown = unescape(visitor.html)
    assert f"{len(truth.prices):,} prices" in shown
    assert name in shown
    for sentence in (*truth.report, *truth.warnings):
        assert sentence in shown
    for guess in truth.guesses.values():
        if guesses._open(guess) and guess.name != "target":
            assert box(visitor, f"guess_{guess.name}").value == guess.value
    (uploader,) = visitor.app.file_uploader
    assert uploader.proto.max_upload_size_mb == limits.UPLOADED // 1024**2


def test_a_file_is_forecast_and_a_reload_needs_it_no_more(store: Runs) -> None:
    content = csv(300, seed=3)
    visitor = drop(Visitor("forecast", owner="ada", **SMALL), content, "mine.csv")
    visitor.click("Train")
    address = dict(visitor.address)
    run = store.get(address["forecast"])
    assert run is not None
    table = read_table(content.encode(), name="mine.csv")
    np.testing.assert_array_equal(stored.prices(run.spec), table.prices)
    assert address["sample"] == "own"
    while compute(store):
        pass
    truth = forecast.run(table.prices, QUICK)
    visitor.run()
    assert "Finished: mine.csv" in visitor.html
    assert truth.verdict in unescape(visitor.html)

    again = Visitor("forecast", owner="ada", **address)
    assert again.address == address
    assert truth.verdict in unescape(again.html)
    assert own(again).content == b""
    again.press("part", "data")
    assert "mine.csv" in again.html
    assert "300 prices" in again.html
    assert "bring the file again to read it otherwise" in again.html
    again.app.number_input(key="f_hidden").set_value(3)
    again.run().click("Train")
    second = store.get(again.address["forecast"])
    assert second is not None
    assert second.spec["data"]["prices"] == run.spec["data"]["prices"]
    assert "what is new" not in again.html


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "chart.csv"),
        (b"", "empty.csv"),
        (b"Date,Close\n", "head.csv"),
        (b"one two three\nfour five six\n" * 40, "words.csv"),
        (b"\x1f\x8b\x08\x00broken", "zip.csv"),
        (b"PK\x03\x04" + b"\0" * 200, "book.csv"),
        (bytes(range(256)) * 50, HOSTILE + ".csv"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_the_former_table_stays(content: bytes, name: str) -> None:
    with pytest.raises(TableError) as refusal:
        read_table(content, name=name)
    visitor = drop(Visitor("forecast", **SMALL), csv(), "good.csv")
    before = own(visitor)
    drop(visitor, content, name)
    assert own(visitor) is before
    said = sources(visitor).error
    assert str(refusal.value) in said
    assert said.count("\n") == 0
    assert said in unescape(visitor.html)
    assert HOSTILE not in visitor.html
    assert "good.csv" in visitor.html
    drop(visitor, csv(seed=5), "better.csv")
    assert sources(visitor).error == ""
    assert own(visitor).name == "better.csv"
    assert len(visitor.app.file_uploader) == 1


def test_without_a_former_file_the_sample_stays() -> None:
    visitor = drop(Visitor("forecast", sample="ibm", **SMALL), b"", "empty.csv")
    assert visitor.session.view.sample == "ibm"
    assert visitor.session.view.part == "forecast"
    assert "empty.csv: " in visitor.html
    choose(visitor, "f_sample", "own")
    assert visitor.html.count("Drop a file of prices at the side first") == 1
    assert "as it came from a broker" in visitor.html
    assert buttons(visitor) == {"Train": False, "Stop": False}
    for section in ("data", "compare", "backtest", "leaks", "yours"):
        visitor.press("part", section)
    visitor.forge("run_train", "trigger_value", True)
    assert "forecast" not in visitor.address


def test_a_fault_of_the_reader_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("rnnviz.forecast.reading.read_table", fail)
    visitor = drop(Visitor("forecast", **SMALL), csv(), "odd.csv")
    assert "odd.csv: this file could not be read; save it as CSV and try again." in visitor.html


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPLOADED", 1000)
    visitor = drop(Visitor("forecast", **SMALL), csv(), "large.csv")
    assert "large.csv: larger than" in visitor.html
    assert sources(visitor).own is None


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (csv(20), "Expected at least"),
        (
            "Date,Close\n" + "\n".join(f"2020-{1 + k // 28:02d}-{1 + k % 28:02d},5" for k in range(300)),
            "that move",
        ),
    ],
)
def test_what_cannot_be_forecast_says_why_and_train_is_disabled(content: str, part: str) -> None:
    visitor = drop(Visitor("forecast", owner="ada"), content)
    assert part in unescape(visitor.html)
    assert buttons(visitor)["Train"] is False
    (button,) = [one for one in visitor.app.button if one.key == "run_train"]
    assert part in button.proto.help
    visitor.press("part", "forecast")
    assert part in unescape(visitor.html)


def test_a_smaller_window_makes_a_short_series_do() -> None:
    visitor = drop(Visitor("forecast", owner="ada", window="60"), csv(90))
    assert buttons(visitor)["Train"] is False
    assert "choose a window of at most" in visitor.html
    visitor.app.number_input(key="f_window").set_value(5)
    assert buttons(visitor.run())["Train"]


# Overruling


def test_each_guess_can_be_overruled_and_found_again() -> None:
    content = AMBIGUOUS.encode()
    visitor = drop(Visitor("forecast", **SMALL), content, "dates.csv")
    found = read_table(content, name="dates.csv")
    guess = found.guesses["dates"]
    assert not guess.sure
    assert "(please check)" in box(visitor, "guess_dates").label
    other = next(value for value, _ in guess.choices if value != guess.value)
    choose(visitor, "guess_dates", other)
    same(own(visitor).table, read_table(content, name="dates.csv", dates=other))
    assert box(visitor, "guess_dates").value == other
    visitor.click("Read it as found")
    same(own(visitor).table, found)
    assert box(visitor, "guess_dates").value == guess.value


def test_a_header_is_overruled_as_a_line_number() -> None:
    content = csv().encode()
    visitor = drop(Visitor("forecast", **SMALL), content)
    choose(visitor, "guess_header", "0")
    assert own(visitor).overrides == {"header": 0}
    same(own(visitor).table, read_table(content, name="prices.csv", header=0))


def test_an_overruling_that_leads_nowhere_is_said_and_changes_nothing() -> None:
    visitor = drop(Visitor("forecast", **SMALL), csv().encode())
    before = own(visitor)
    choose(visitor, "guess_delimiter", ";")
    assert own(visitor) is before
    assert "It stays as it was read before." in visitor.html
    assert box(visitor, "guess_delimiter").value == ","
    visitor.forge(box(visitor, "guess_delimiter").key, "string_value", "no such mark")
    assert own(visitor) is before


def test_another_column_of_a_file_is_read_anew() -> None:
    content = csv().encode()
    visitor = drop(Visitor("forecast", **SMALL), content)
    choose(visitor, "f_target", "high")
    same(own(visitor).table, read_table(content, name="prices.csv", target="high"))
    choose(visitor, "guess_decimal", ".")
    assert own(visitor).table.target == "high"


def test_one_of_several_securities_is_chosen() -> None:
    rows = [
        f"2020-{1 + k // 28:02d}-{1 + k % 28:02d},{t},{p + k % 9}"
        for k in range(200)
        for t, p in (("A", 20), ("B", 70))
    ]
    content = "\n".join(["Date,Ticker,Close", *rows]).encode()
    visitor = drop(Visitor("forecast", **SMALL), content)
    other = "B" if own(visitor).table.guesses["ticker"].value == "A" else "A"
    choose(visitor, "guess_ticker", other)
    same(own(visitor).table, read_table(content, name="prices.csv", ticker=other))


def test_rows_that_were_left_out_are_listed_as_text() -> None:
    content = csv() + f"not a date,1,2,3,4,5\nTotal of {HOSTILE},,,,,\n"
    visitor = drop(Visitor("forecast", **SMALL), content)
    rows = own(visitor).table.left_out
    assert len(rows)
    (expander,) = [one for one in visitor.app.expander if "left out" in one.label]
    assert expander.label.startswith(f"{len(rows):,} row")
    for line in rows["line"]:
        assert f"<td>{line}</td>" in visitor.html
    assert HOSTILE not in visitor.html


def test_names_and_headers_of_a_file_are_text_everywhere(store: Runs) -> None:
    content = csv(head=f"Date,{HOSTILE},<script>alert(1)</script>,$x$ **c** `b` :red[d],Close,Volume")
    visitor = drop(Visitor("forecast", owner="ada", **SMALL), content, f"{HOSTILE} **n**.csv")
    visitor.click("Train")
    while compute(store):
        pass
    for section in ("forecast", "data", "yours", "compare", "backtest", "leaks"):
        visitor.press("part", section)
        assert "evil" not in visitor.html.replace("&lt;img src=http://evil", "")
        assert "<script" not in visitor.html
        for chart in visitor.charts():
            for words in strings([chart["data"], chart["layout"]]):
                assert "<img" not in words
                assert "<script" not in words


# Privacy


def test_two_visitors_never_see_each_other_s_table(store: Runs) -> None:
    ada, bob = (Visitor("forecast", owner=owner, **SMALL) for owner in ("ada", "bob"))
    drop(ada, csv(seed=1), "ada.csv")
    drop(bob, csv(seed=2), "bob.csv")
    for visitor, mine, other in ((ada, "ada.csv", "bob.csv"), (bob, "bob.csv", "ada.csv")):
        visitor.run()
        assert mine in visitor.html
        assert other not in visitor.html
        assert other not in str(list(visitor.charts()))
    assert not np.array_equal(own(ada).table.prices, own(bob).table.prices)
    guest = Visitor("forecast", sample="own", part="data")
    assert sources(guest).own is None
    assert "ada.csv" not in guest.html
    ada.click("Train")
    bob.press("part", "yours")
    assert "None yet." in bob.html
    # Whoever has the link may look: that is what a link is for.
    bob.visit(forecast=ada.address["forecast"], sample="own", part="data")
    assert "ada.csv" in bob.html


def test_a_file_that_was_not_trained_on_is_in_no_store(store: Runs) -> None:
    drop(Visitor("forecast", owner="ada", **SMALL), csv(seed=1), "secret.csv")
    with store.store.reading() as connection:
        specs = connection.execute("SELECT data FROM specs").fetchall()
    assert "secret.csv" not in str(specs)
    assert not [key for key in source._sample.cache_parameters() if "secret" in key]


def test_what_becomes_of_a_file_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_KEEP_DAYS", "7")
    visitor = Visitor("forecast", **SMALL)
    assert "until 7 days after it ended, or until you delete it" in visitor.html


def test_a_file_outlives_a_look_at_other_pages_and_samples() -> None:
    visitor = drop(Visitor("forecast", **SMALL), csv(), "mine.csv")
    visitor.go("gates").go("forecast")
    assert "mine.csv" in visitor.html
    choose(visitor, "f_sample", "walk")
    assert "200 prices" not in visitor.html
    choose(visitor, "f_sample", "own")
    assert "200 prices" in visitor.html
