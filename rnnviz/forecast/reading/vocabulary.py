"""Vocabulary: words that head the columns of price files, in the languages in which such files come.

They decide between encodings (only one of them gives real words) and tell a line of names from a line above the table.
What a column means is told elsewhere.
"""

from __future__ import annotations

import re


def words(text: str) -> frozenset[str]:
    """The words of a text, for tables of words."""
    return frozenset(text.split())


DATES = words(
    """
    date dates day time datetime timestamp period month year trade_date tradedate trading_date trddt data datum dátum
    fecha data date/time dat dato päivämäärä datums tarih tanggal ngày data/hora день дата время ημερομηνία תאריך
    التاريخ 日期 时间 時間 交易日期 年月日 日付 日付け 日時 날짜 일자 일시 วันที่ exchange_date observation_date open_time
    """
)
"""Names of the column of dates, lower case."""

_PRICES = words(
    """
    open high low close last price volume vol adj adjusted close/last settle change chg ticker symbol vwap bid ask
    otwarcie najwyższy najniższy zamknięcie zamkniecie najwyzszy najnizszy wolumen ostatnio maks
    eröffnung eroeffnung hoch tief schluss schluß schlusskurs schlußkurs kurs tageshoch tagestief umsatz stück höchst
    tiefst zuletzt eröffn volumen
    dernier ouv ouverture clôture plus haut bas variation volume
    último ultimo apertura cierre máximo mínimo maximo minimo abertura máxima mínima fechamento precio preço variação
    ultimo chiusura massimo minimo
    laatste hoog laag slot senast öppning högst lägst stängning seneste åbning højest lavest siste åpning høyest
    otevření nejvyšší nejnižší zavření závěr objem nyitó záró forgalom deschidere închidere maxim minim
    şimdi açılış yüksek düşük kapanış hacim fark%
    цена откр макс мин объём объем изм закрытие открытие максимум минимум
    ανώτατη κατώτατη άνοιγμα κλείσιμο τελευταία
    שער פתיחה גבוה נמוך سعر الافتتاح الإغلاق
    开盘 收盘 最高 最低 成交量 成交额 涨跌幅 股票代码 名称 收盘价 开盘价 最高价 最低价 前收盘 涨跌额 换手率 总市值
    開盤 收盤 開盤價 收盤價 最高價 最低價 成交股數 成交金額 漲跌 證券代號 成交量 漲跌價差 開市 收市 股份代號
    始値 高値 安値 終値 出来高 前日比 銘柄 株価 調整後終値 変化率
    시가 고가 저가 종가 거래량 현재가 오픈 변동 변동률 등락률 전일비 대비 종목코드
    lần cuối mở cao thấp
    """
)

_FOREIGN = frozenset(word for word in DATES | _PRICES if not word.isascii())
_WORD = re.compile(r"[^\W\d_]+(?:/[^\W\d_]+)?")


def is_date(name: str) -> bool:
    """Whether a column called so holds dates: `Date`, `<DATE>`, `日期`."""
    name = name.strip("<>[]\"' ").lower()
    return name in DATES or any(word in DATES for word in re.split(r"[\s(),;:]+", name))


def known(text: str) -> set[str]:
    """The words of a text that head columns somewhere, lower case."""
    return {word for word in _WORD.findall(text.lower()) if word in DATES or word in _PRICES}


def foreign(text: str) -> set[str]:
    """Those of them that ASCII cannot write and that stand somewhere in a text: what an encoding is known by."""
    text = text.lower()
    return {word for word in _FOREIGN if word in text}
