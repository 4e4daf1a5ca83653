"""Known prices written as each source of price files writes them, so that tests can read them back exactly.

Every file is made here, by code, after the formats that the sources are known for; no real quote is in any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

ROLES = ("open", "high", "low", "close", "adj_close", "volume")


@dataclass(frozen=True)
class Made:
    """A file, and what is in it: ``truth`` has "date" and columns by role."""

    data: bytes
    truth: pd.DataFrame
    read: dict[str, str] = field(default_factory=dict)


def known(n: int = 60, *, price: float = 100.0, digits: int = 2, start: str = "2019-11-04") -> pd.DataFrame:
    """Prices of business days that look like real ones; every number is one that its text gives back."""
    rng = np.random.default_rng(7)
    close = price * np.exp(np.cumsum(rng.normal(0, 0.01, n)))
    opened = np.append(price, close[:-1]) * np.exp(rng.normal(0, 0.002, n))
    high = np.maximum(opened, close) * (1 + rng.uniform(0.001, 0.01, n))
    low = np.minimum(opened, close) * (1 - rng.uniform(0.001, 0.01, n))
    found = {
        "date": pd.bdate_range(start, periods=n).astype("datetime64[us]"),
        "open": opened,
        "high": high,
        "low": low,
        "close": close,
        "adj_close": close * 0.97,
        "volume": rng.integers(10**6, 10**8, n).astype(float),
    }
    frame = pd.DataFrame(found)
    frame[list(ROLES[:5])] = frame[list(ROLES[:5])].round(digits)
    # Rounding may not take the candle apart.
    frame["high"] = frame[["open", "high", "low", "close"]].max(axis=1)
    frame["low"] = frame[["open", "high", "low", "close"]].min(axis=1)
    return frame


def number(value: float, decimal: str = ".", thousands: str = "", digits: int = 2) -> str:
    """1234.5 as "1.234,50" for a comma and a point."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans({",": thousands, ".": decimal}))


def lakh(value: float) -> str:
    """123456.7 as "1,23,456.70"."""
    whole, cents = f"{value:.2f}".split(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(0, i - 2) : i] for i in range(len(head), 0, -2)][::-1]
    return ",".join([*groups, tail]) + "." + cents


def lines(
    header: Sequence[str],
    rows: Iterator[Sequence[str]] | Sequence[Sequence[str]],
    delimiter: str = ",",
    quote: bool = False,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
) -> str:
    """A file as text."""
    mark = '"' if quote else ""
    table = [header, *rows] if header else list(rows)
    body = [delimiter.join(f"{mark}{cell}{mark}" for cell in row) for row in table]
    return "\n".join([*before, *body, *after]) + "\n"


def plain(
    header: str,
    columns: Sequence[str],
    date: str = "%Y-%m-%d",
    *,
    newest_first: bool = False,
    text: Callable[[float], str] = number,
    delimiter: str = ",",
    quote: bool = False,
    encoding: str = "utf-8",
    before: Sequence[str] = (),
    after: Sequence[str] = (),
    frame: pd.DataFrame | None = None,
    fixed: dict[str, str] | None = None,
) -> Made:
    """A file whose columns are roles, ``fixed`` words, or the date; volumes are whole numbers."""
    frame = known() if frame is None else frame
    fixed = fixed or {}

    def cell(row: pd.Series, column: str) -> str:
        if column in fixed:
            return fixed[column]
        if column == "date":
            return row["date"].strftime(date)
        return f"{row[column]:.0f}" if column == "volume" else text(row[column])

    rows = [[cell(row, column) for column in columns] for _, row in frame.iterrows()]
    names = header.split(delimiter) if header else []
    content = lines(names, rows[::-1] if newest_first else rows, delimiter, quote, before, after)
    return Made(content.encode(encoding), frame[["date", *(c for c in columns if c in ROLES)]])


OHLCV = ("date", "open", "high", "low", "close", "volume")
INVESTING = ("date", "close", "open", "high", "low")


def investing(
    header: str,
    date: str,
    decimal: str,
    thousands: str,
    *,
    price: float = 5000.0,
    bom: bool = False,
    digits: int = 2,
) -> Made:
    """Investing.com: quoted, newest first, volumes as 3.52M or "-", changes in percent."""
    frame = known(price=price, digits=digits)
    frame["volume"] = (frame["volume"] / 1e6).round(2)
    change = frame["close"].pct_change().fillna(0) * 100
    rows = []
    for i, row in frame.iterrows():
        cells = [row["date"].strftime(date)]
        cells += [number(row[c], decimal, thousands, digits) for c in INVESTING[1:]]
        cells.append("-" if i == 5 else number(row["volume"], decimal, "") + "M")
        cells.append(number(change[i], decimal) + "%")
        rows.append(cells)
    names = [name.strip() for name in header.split("|")]
    # The volume as its text says it, not as a product of floats.
    frame["volume"] = [float(f"{value:.2f}e6") for value in frame["volume"]]
    frame.loc[5, "volume"] = np.nan
    data = lines(names, rows[::-1], quote=True).encode("utf-8-sig" if bom else "utf-8")
    return Made(data, frame[["date", "open", "high", "low", "close", "volume"]])


def yahoo_with_nulls() -> Made:
    made = plain("Date,Open,High,Low,Close,Adj Close,Volume", ("date", *ROLES))
    body = made.data.decode().splitlines()
    body.insert(11, "2019-11-16,null,null,null,null,null,null")
    return Made("\n".join(body).encode(), made.truth)


def yfinance() -> Made:
    return plain(
        "Price,Close,High,Low,Open,Volume",
        ("date", "close", "high", "low", "open", "volume"),
        text=repr,
        before=(),
        frame=known(),
    )


def yfinance_three_headers() -> Made:
    made = yfinance()
    head, *body = made.data.decode().splitlines()
    return Made("\n".join([head, "Ticker,AAPL,AAPL,AAPL,AAPL,AAPL", "Date,,,,,", *body]).encode(), made.truth)


def netease() -> Made:
    return plain(
        "日期,股票代码,名称,收盘价,最高价,最低价,开盘价,前收盘,成交量",
        ("date", "code", "name", "close", "high", "low", "open", "before", "volume"),
        newest_first=True,
        encoding="gbk",
        fixed={"code": "'600000", "name": "浦发银行", "before": "99.87"},
    )


def tonghuashun() -> Made:
    frame = known()
    rows = [
        [
            f"{row['date']:%Y-%m-%d},{'一二三四五'[row['date'].weekday()]}",
            *(number(row[c]) for c in ("open", "high", "low", "close")),
            f"{row['volume']:.0f}",
        ]
        for _, row in frame.iterrows()
    ]
    text = lines(["时间", "开盘", "最高", "最低", "收盘", "总手"], rows, "\t")
    return Made(text.encode("gbk"), frame[list(OHLCV)])


def german_bank() -> Made:
    return plain(
        "Datum;Eröffnung;Hoch;Tief;Schluss;Volumen",
        ("date", "open", "high", "low", "close", "blank"),
        "%d.%m.%Y",
        text=lambda v: number(v, ",", "."),
        delimiter=";",
        encoding="cp1252",
        newest_first=True,
        frame=known(price=1200),
        fixed={"blank": ""},
    )


def epochs(header: str, per: int, tail: Sequence[str] = ()) -> Made:
    frame = known()
    since = frame["date"].astype("int64") // (1_000_000 // per) if per <= 1_000_000 else None
    rows = [
        [str(since[i]), *(number(row[c]) for c in ROLES[:4]), f"{row['volume']:.0f}", *tail]
        for i, row in frame.iterrows()
    ]
    return Made(lines(header.split(",") if header else [], rows).encode(), frame[list(OHLCV)])


def binance(per: int) -> Made:
    frame = known(price=7000)
    since = frame["date"].astype("int64") // (1_000_000 // per)
    rows = [
        [
            str(since[i]),
            *(number(row[c], digits=8) for c in ROLES[:4]),
            number(row["volume"], digits=8),
            str(since[i] + 86_400 * per - 1),
            number(row["volume"] * row["close"], digits=8),
            str(1000 + i),
            "12.5",
            "13.25",
            "0",
        ]
        for i, row in frame.iterrows()
    ]
    return Made(lines([], rows).encode(), frame[list(OHLCV)])


def tradingview() -> Made:
    frame = known()
    moments = frame["date"].astype("int64") // 10**6 + 14 * 3600 + 30 * 60
    rows = [
        [str(moments[i]), *(repr(row[c]) for c in ROLES[:4]), f"{row['volume']:.0f}"]
        for i, row in frame.iterrows()
    ]
    return Made(lines(["time", "open", "high", "low", "close", "Volume"], rows).encode(), frame[list(OHLCV)])


def fred() -> Made:
    frame = known()
    text = [number(value) for value in frame["close"]]
    text[7] = "."
    frame.loc[7, "close"] = np.nan
    rows = [[f"{day:%Y-%m-%d}", cell] for day, cell in zip(frame["date"], text, strict=True)]
    made = frame.drop(index=7).reset_index(drop=True)[["date", "close"]]
    return Made(
        lines(["observation_date", "DCOILWTICO"], rows).encode(), made.rename(columns={"close": "price"})
    )


def mt5() -> Made:
    header = "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>"
    return plain(
        header, (*OHLCV, "real", "spread"), "%Y.%m.%d", delimiter="\t", fixed={"real": "0", "spread": "12"}
    )


def minutes(n: int = 60) -> pd.DataFrame:
    frame = known(n, price=1.3, digits=6)
    frame["date"] = pd.date_range("2012-02-01", periods=n, freq="min").astype("datetime64[us]")
    return frame


def excel_utf16() -> Made:
    frame = known()
    serial = (frame["date"] - pd.Timestamp("1899-12-30")).dt.days
    rows = [
        [str(serial[i]), *(number(row[c]) for c in ROLES[:4]), f"{row['volume']:.0f}"]
        for i, row in frame.iterrows()
    ]
    text = lines(["Date", "Open", "High", "Low", "Close", "Volume"], rows, "\t")
    return Made(text.encode("utf-16"), frame[list(OHLCV)])


def nasdaq() -> Made:
    made = plain(
        "Date,Close/Last,Volume,Open,High,Low",
        ("date", "close", "volume", "open", "high", "low"),
        "%m/%d/%Y",
        text=lambda v: f"${number(v)}",
        newest_first=True,
    )
    head, first, *rest = made.data.decode().splitlines()
    cells = first.split(",")
    truth = made.truth.copy()
    truth.loc[len(truth) - 1, "volume"] = np.nan
    return Made("\n".join([head, ",".join([*cells[:2], "N/A", *cells[3:]]), *rest]).encode(), truth)


def long_format() -> Made:
    """The Kaggle file of an index: all its members one below the other, the name behind."""
    one, other = known(40), known(30, price=300)
    rows = [
        [f"{row['date']:%Y-%m-%d}", *(number(row[c]) for c in ROLES[:4]), f"{row['volume']:.0f}", name]
        for name, frame in (("AAL", other), ("AAPL", one))
        for _, row in frame.iterrows()
    ]
    return Made(
        lines(["date", "open", "high", "low", "close", "volume", "Name"], rows).encode(), one[list(OHLCV)]
    )


SOURCES: dict[str, Callable[[], Made]] = {
    "yahoo": lambda: plain("Date,Open,High,Low,Close,Adj Close,Volume", ("date", *ROLES)),
    "yahoo web table": lambda: plain(
        "Date\tOpen\tHigh\tLow\tClose*\tAdj Close**\tVolume", ("date", *ROLES), "%b %d, %Y", delimiter="\t"
    ),
    "yahoo nulls": yahoo_with_nulls,
    "yfinance": yfinance,
    "yfinance three headers": yfinance_three_headers,
    "yfinance history": lambda: plain(
        "Date,Open,High,Low,Close,Volume", OHLCV, "%Y-%m-%d 00:00:00-05:00", text=repr
    ),
    "stooq": lambda: plain("Date,Open,High,Low,Close,Volume", OHLCV),
    "stooq polish": lambda: plain("Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen", OHLCV),
    "stooq bulk": lambda: plain(
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
        ("ticker", "per", "date", "clock", "open", "high", "low", "close", "volume", "oi"),
        "%Y%m%d",
        fixed={"ticker": "AAPL.US", "per": "D", "clock": "000000", "oi": "0"},
    ),
    "investing us": lambda: investing("Date|Price|Open|High|Low|Vol.|Change %", "%m/%d/%Y", ".", ","),
    "investing words": lambda: investing("Date|Price|Open|High|Low|Vol.|Change %", "%b %d, %Y", ".", ","),
    "investing uk": lambda: investing("Date|Price|Open|High|Low|Vol.|Change %", "%d/%m/%Y", ".", ","),
    "investing fr": lambda: investing(
        "Date|Dernier|Ouv.| Plus Haut|Plus Bas|Vol.|Variation %", "%d/%m/%Y", ",", "."
    ),
    "investing pt": lambda: investing(
        "Data|Último|Abertura|Máxima|Mínima|Vol.|Var%", "%d.%m.%Y", ",", ".", price=115_592.0, digits=0
    ),
    "investing de": lambda: investing("Datum|Zuletzt|Eröffn.|Hoch|Tief|Vol.|+/- %", "%d.%m.%Y", ",", "."),
    "investing es": lambda: investing(
        "Fecha|Último|Apertura|Máximo|Mínimo|Vol.|% var.", "%d.%m.%Y", ",", "."
    ),
    "investing it": lambda: investing(
        "Data|Ultimo|Apertura|Massimo|Minimo|Vol.|Var. %", "%d.%m.%Y", ",", ".", bom=True
    ),
    "investing pl": lambda: investing("Data|Ostatnio|Otwarcie|Max.|Min.|Wol.|Zmiana%", "%d.%m.%Y", ",", "."),
    "investing nl": lambda: investing("Datum|Laatste|Open|Hoog|Laag|Vol.|Verschil %", "%d-%m-%Y", ",", "."),
    "investing sv": lambda: investing("Datum|Senaste|Öppen|Högst|Lägst|Vol.|+/- %", "%Y-%m-%d", ",", "."),
    "investing tr": lambda: investing("Tarih|Şimdi|Açılış|Yüksek|Düşük|Hac.|Fark %", "%d.%m.%Y", ",", "."),
    "investing ru": lambda: investing("Дата|Цена|Откр.|Макс.|Мин.|Объём|Изм. %", "%d.%m.%Y", ",", "."),
    "investing kr": lambda: investing(
        "날짜|종가|시가|고가|저가|거래량|변동 %", "%Y- %m- %d", ".", ",", bom=True, price=60_000.0, digits=0
    ),
    "investing jp": lambda: investing("日付け|終値|始値|高値|安値|出来高|変化率 %", "%Y年%m月%d日", ".", ","),
    "investing cn": lambda: investing("日期|收盘|开盘|高|低|交易量|涨跌幅", "%Y-%m-%d", ".", ",", bom=True),
    "nasdaq": nasdaq,
    "alpha vantage": lambda: plain(
        "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient",
        ("date", *ROLES, "dividend", "split"),
        newest_first=True,
        fixed={"dividend": "0.0000", "split": "1.0"},
    ),
    "google sheets": lambda: plain(
        "Date,Open,High,Low,Close,Volume", OHLCV, "%-m/%-d/%Y 16:00:00", text=repr
    ),
    "tushare": lambda: plain(
        "ts_code,trade_date,open,high,low,close,pre_close,vol",
        ("code", "date", "open", "high", "low", "close", "before", "volume"),
        "%Y%m%d",
        newest_first=True,
        fixed={"code": "000001.SZ", "before": "99.5"},
    ),
    "akshare": lambda: plain(
        "日期,开盘,收盘,最高,最低,成交量", ("date", "open", "close", "high", "low", "volume")
    ),
    "netease": netease,
    "tonghuashun": tonghuashun,
    "german bank": german_bank,
    "french bank": lambda: plain(
        "date;ouv;haut;bas;clot;vol;devise",
        (*OHLCV, "currency"),
        "%d/%m/%Y",
        text=lambda v: number(v, ",", " "),
        delimiter=";",
        frame=known(price=2500),
        fixed={"currency": "EUR"},
    ),
    "swiss bank": lambda: plain(
        "Datum;Schlusskurs",
        ("date", "close"),
        "%d.%m.%y",
        text=lambda v: number(v, ".", "’"),
        delimiter=";",
        frame=known(price=11_000),
    ),
    "nordic": lambda: plain(
        "Date;Opening price;High price;Low price;Closing price;Total volume",
        OHLCV,
        text=lambda v: number(v, ",", " "),
        delimiter=";",
        before=("sep=;",),
        newest_first=True,
    ),
    "tradingview": tradingview,
    "binance ms": lambda: binance(1_000),
    "binance us": lambda: binance(1_000_000),
    "coingecko": lambda: plain(
        "snapped_at,price,market_cap,total_volume",
        ("date", "close", "cap", "volume"),
        "%Y-%m-%d 00:00:00 UTC",
        fixed={"cap": "1234567890.5"},
    ),
    "fred": fred,
    "nse": lambda: plain(
        "Date ,series ,OPEN ,HIGH ,LOW ,PREV. CLOSE ,ltp ,close ,VOLUME ",
        ("date", "series", "open", "high", "low", "before", "ltp", "close", "volume"),
        "%d-%b-%Y",
        text=lakh,
        quote=True,
        newest_first=True,
        frame=known(price=123_000),
        fixed={"series": "EQ", "before": "1,22,000.50", "ltp": "1,23,000.50"},
    ),
    "mt5": mt5,
    "histdata": lambda: plain(
        "", OHLCV, "%Y%m%d %H%M%S", text=lambda v: number(v, digits=6), delimiter=";", frame=minutes()
    ),
    "bloomberg": lambda: plain(
        "Date,PX_OPEN,PX_HIGH,PX_LOW,PX_LAST,PX_VOLUME",
        OHLCV,
        "%m/%d/%Y",
        before=("Security,AAPL US Equity", "Start Date,11/04/2019", "Currency,USD", ""),
    ),
    "barchart": lambda: plain(
        "Time,Open,High,Low,Last,Volume",
        OHLCV,
        "%m/%d/%Y",
        newest_first=True,
        after=('"Downloaded from Barchart.com as of 02-01-2020 04:20pm CST"',),
    ),
    "excel utf-16": excel_utf16,
    "coinmarketcap": lambda: plain(
        "timeOpen;open;high;low;close;volume",
        OHLCV,
        '"%Y-%m-%dT00:00:00.000Z"',
        delimiter=";",
        newest_first=True,
    ),
    "quantmod": lambda: plain(
        '"","AAPL.Open","AAPL.High","AAPL.Low","AAPL.Close","AAPL.Volume","AAPL.Adjusted"',
        ("date", "open", "high", "low", "close", "volume", "adj_close"),
        '"%Y-%m-%d"',
    ),
    "ariva": lambda: plain(
        "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke",
        OHLCV,
        text=lambda v: number(v, ",", "."),
        delimiter=";",
        newest_first=True,
        after=("",),
    ),
    "months in german": lambda: plain(
        "Datum;Kurs", ("date", "close"), "%d. {month} %Y", text=lambda v: number(v, ","), delimiter=";"
    ),
    "long format": long_format,
}
"""A file of every source, by name."""

GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()  # noqa: SIM905


def made(name: str) -> Made:
    """The file of a source."""
    found = SOURCES[name]()
    if name == "months in german":
        text = found.data.decode()
        rows = text.splitlines()
        days = found.truth["date"]
        body = [
            row.replace("{month}", GERMAN[day.month - 1]) for row, day in zip(rows[1:], days, strict=True)
        ]
        return Made("\n".join([rows[0], *body]).encode(), found.truth)
    return found
