"""How columns of prices are called in many languages, and what each name means. Data alone; imports nothing.

Words stand as :func:`rnnviz.forecast.reading.columns.roles.key` makes them of a header: what differs by capitals,
accents or punctuation alone stands once.
"""

from __future__ import annotations

HEADINGS: dict[str, dict[str, str]] = {
    "en": {
        "date": "date|datetime|date time|timestamp|day|trade date|trading date|trading day|observation date|as of|"
        "as of date|pricing date|price date|quote date|business date|period|week|month|time open|open time|"
        "snapped at|exchange date|effective date|dates|time stamp|tradedate|date gmt|date utc|gmt time|dt|trddt|"
        "dtyyyymmdd|"
        "yyyymmdd|datadate",
        "time": "time|unix|epoch|unix time|unix timestamp|hour|timestamp ms|local time|ts|t|year",
        "ticker": "ticker|symbol|tickers|symbols|ticker symbol|stock|stock symbol|security|instrument|isin|name|ric|"
        "cusip|asset|company|code|stock code|scrip|coin|pair|currency pair|id|series id|permno|figi|underlying",
        "open": "open|prcod|openprc|opening|opening price|open price|px open|o|openprice|price open|first|open rate",
        "high": "high|prchd|askhi|highest|high price|px high|h|day high|highprice|price high|max price|high rate|"
        "days high",
        "low": "low|prcld|bidlo|lowest|low price|px low|l|day low|lowprice|price low|min price|low rate|days low",
        "close": "close|prccd|prc|closing|closing price|close price|close last|px last|c|last|last price|closeprice|"
        "price close|settle|settlement|settlement price|settle price|last sale|latest|close rate|final|px settle|"
        "price last|"
        "closing value",
        "adj_close": "adj close|adjusted close|adjclose|adjusted closing price|close adj|close adjusted|adjusted|"
        "adj closing price|adjusted price|adj price|adjusted close price|total return|tot return index gross dvds",
        "volume": "volume|vol|px volume|v|total volume|shares traded|trade volume|trading volume|tickvol|"
        "tick volume|ttl trd qnty|cshtrd|total trade quantity|total traded quantity|volume traded|no of shares|"
        "share volume|quantity|qty|base volume|"
        "real volume",
        "price": "price|value|rate|nav|net asset value|unit price|spot|spot price|fixing|mid|mid price|"
        "average price|quote|level|index value|price usd|market price",
        "other": "prev close|previous close|pre close|preclose|prevclose|close time|time close|change|change percent|"
        "ltp|vwap|bid|ask|turnover|market cap|marketcap|amount|trades|number of trades|open interest|openint",
    },
    "de": {
        "date": "datum|tag|handelstag|handelsdatum|kursdatum|zeitpunkt|stichtag|datum zeit|datum uhrzeit|buchungstag",
        "time": "zeit|uhrzeit",
        "ticker": "wkn|wertpapier|aktie|kurzel|kuerzel|bezeichnung|titel",
        "open": "eroffnung|eroffn|eroffnungskurs|eroeffnung|eroeffnungskurs|erster|erster kurs|anfangskurs|anfang",
        "high": "hoch|tageshoch|hochst|hochstkurs|hoechst|hoechstkurs|hochster|hochstwert|tageshochst",
        "low": "tief|tagestief|tiefst|tiefstkurs|niedrigst|niedrig|tiefster|tiefstwert",
        "close": "schluss|schlusskurs|zuletzt|letzter|letzter kurs|schlusskurs eur|schlussstand|schlusswert",
        "adj_close": "bereinigter schlusskurs|schluss bereinigt|schlusskurs bereinigt|adj schlusskurs|bereinigt",
        "volume": "volumen|umsatz|stucke|stuecke|umsatz stuck|volumen stuck|handelsvolumen|stuck|gehandelte stucke",
        "price": "kurs|preis|wert|rucknahmepreis|ruecknahmepreis|anteilswert|indexstand|punkte",
        "other": "vortag|schluss vortag|vortageskurs|veranderung|diff|differenz|tagesumsatz|geld|brief",
    },
    "fr": {
        "date": "jour|date de cotation|date cotation|date seance|seance|horodatage",
        "time": "heure",
        "ticker": "valeur mobiliere|titre|action|libelle|mnemo|code isin",
        "open": "ouv|ouverture|cours d ouverture|cours ouverture|prem|premier|prix d ouverture",
        "high": "plus haut|haut|plus ht|cours le plus haut|maximum",
        "low": "plus bas|bas|plus bs|cours le plus bas|minimum",
        "close": "dernier|cloture|clot|cours de cloture|cours cloture|fermeture|dernier cours|prix de cloture",
        "adj_close": "cloture ajustee|cours ajuste|cours de cloture ajuste",
        "volume": "volumes|quantite|nombre de titres|volume titres|titres echanges|vol echange",
        "price": "cours|prix|valeur|vl|valeur liquidative",
        "other": "cloture precedente|cloture veille|veille|variation|capitaux|devise",
    },
    "es": {
        "date": "fecha|dia|fecha hora|sesion",
        "time": "hora",
        "ticker": "simbolo|accion|valor bursatil|emisora|nemotecnico",
        "open": "apertura|precio de apertura|precio apertura|abre|primero",
        "high": "maximo|alto|max|precio maximo|mas alto",
        "low": "minimo|bajo|min|precio minimo|mas bajo",
        "close": "ultimo|cierre|precio de cierre|precio cierre|ultimo precio|precio ultimo",
        "adj_close": "cierre ajustado|cierre ajus|cierre aj|precio de cierre ajustado",
        "volume": "volumen de negociacion|titulos|volumen negociado|cantidad",
        "price": "precio|valor|cotizacion|valor liquidativo",
        "other": "cierre anterior|anterior|variacion|var|efectivo",
    },
    "pt": {
        "date": "data|data pregao|data do pregao|data referencia|pregao",
        "time": "horario",
        "ticker": "papel|ativo|codigo|acao|codneg",
        "open": "abertura|preco de abertura|preco abertura|preabe|abre",
        "high": "maxima|maximo|preco maximo|premax|alta",
        "low": "minima|preco minimo|premin|baixa",
        "close": "fechamento|fecho|preco de fechamento|ultima|preult|preco fechamento|preco ultimo",
        "adj_close": "fechamento ajustado|fecho ajustado|fechamento aj",
        "volume": "quantidade|volume negociado|quatot|quantidade negociada",
        "price": "preco|cotacao|cota|valor da cota",
        "other": "fechamento anterior|variacao|voltot",
    },
    "it": {
        "date": "giorno|data ora|data seduta|seduta",
        "time": "ora",
        "ticker": "titolo|simbolo|strumento",
        "open": "prezzo di apertura|prezzo apertura|aper|prezzo aper",
        "high": "massimo|mass|prezzo massimo|max oggi",
        "low": "prezzo minimo|min oggi",
        "close": "chiusura|prezzo di chiusura|prezzo chiusura|ultimo prezzo|prezzo ultimo|chius|prezzo ufficiale",
        "adj_close": "chiusura aggiustata|chiusura agg|chiusura rettificata",
        "volume": "volumi|quantita|scambi|pezzi",
        "price": "prezzo|valore|quotazione|corso",
        "other": "chiusura precedente|precedente|controvalore",
    },
    "pl": {
        "date": "dzien|data notowania|data sesji|sesja",
        "time": "czas|godzina",
        "ticker": "nazwa|walor|spolka|instrument nazwa|symbol waloru",
        "open": "otwarcie|kurs otwarcia|otw",
        "high": "najwyzszy|kurs max|kurs maksymalny|najwyzej|maks",
        "low": "najnizszy|kurs min|kurs minimalny|najnizej",
        "close": "zamkniecie|kurs zamkniecia|zam|ostatnio|ostatni|ostatni kurs",
        "adj_close": "zamkniecie skorygowane|kurs skorygowany",
        "volume": "wolumen|wol|obrot ilosc|liczba akcji",
        "price": "cena|wartosc|notowanie",
        "other": "zmiana|obrot|poprzednie zamkniecie|lop",
    },
    "nl": {
        "date": "beursdag|koersdatum",
        "time": "tijd",
        "ticker": "aandeel|fonds|naam",
        "open": "openingskoers|opening koers|openen",
        "high": "hoog|hoogste|hoogste koers",
        "low": "laag|laagste|laagste koers",
        "close": "slot|slotkoers|laatste|laatste koers|sluiting|sluitkoers",
        "adj_close": "slotkoers aangepast|aangepaste slotkoers",
        "volume": "omzet|aantal",
        "price": "koers|prijs|waarde",
        "other": "verschil|vorige slot",
    },
    "nordic": {
        "date": "dato|paivamaara|pvm|handelsdag|datum tid",
        "time": "tid|aika|klokkeslett",
        "ticker": "papper|vardepapper|osake",
        "open": "oppen|oppning|oppningskurs|oppningspris|apning|apningskurs|apne|abning|abningskurs|avaus|aapning",
        "high": "hogst|hogsta|hogstakurs|hogsta kurs|hoy|hoyeste|hoyest|hoj|hojeste|hojest|ylin|korkein",
        "low": "lagst|lagsta|lagstakurs|lagsta kurs|lav|laveste|lavest|alin|matalin",
        "close": "senast|senaste|seneste|stangning|stangningskurs|slutkurs|slutt|sluttkurs|siste|sidste|lukke|"
        "lukkekurs|paatos|paatoskurssi|viimeisin",
        "adj_close": "justert sluttkurs|justerad slutkurs",
        "volume": "volym|totalvolym|volumi|omsattning antal|antal aktier|omsatt antal|vaihto kpl",
        "price": "pris|varde|verdi|vaerdi|hinta|kurssi",
        "other": "endring|andring|muutos|omsattning",
    },
    "east": {
        "date": "den|datums|data tranzactionarii|nap|ημερομηνια",
        "open": "otevreni|nyito|deschidere|zahajeni|ανοιγμα",
        "high": "nejvyssi|maxim|υψηλο|legmagasabb|napi max|ανωτατη",
        "low": "nejnizsi|minim|χαμηλο|legalacsonyabb|napi min|κατωτατη",
        "close": "zavreni|zaver|utolso|zaro|zaro ar|inchidere|posledni|τελευταια|κλεισιμο",
        "volume": "objem|forgalom|ογκος",
        "price": "cena akcie|ar|pret|τιμη",
    },
    "tr": {
        "date": "tarih|gun",
        "time": "saat",
        "ticker": "hisse|sembol|kod|hisse kodu",
        "open": "acilis|acilis fiyati",
        "high": "yuksek|en yuksek",
        "low": "dusuk|en dusuk",
        "close": "simdi|kapanis|son|kapanis fiyati|son fiyat",
        "adj_close": "duzeltilmis kapanis",
        "volume": "hac|hacim|islem hacmi|miktar",
        "price": "fiyat|deger",
        "other": "fark|onceki kapanis",
    },
    "ru": {
        "date": "дата|день|дата торгов|дата время",
        "time": "время",
        "ticker": "тикер|инструмент|код|бумага|название|secid",
        "open": "откр|открытие|цена открытия|цена откр",
        "high": "макс|максимум|высшая|наибольшая|максимальная|макс цена",
        "low": "мин|минимум|низшая|наименьшая|минимальная|мин цена",
        "close": "закр|закрытие|цена закрытия|последняя|послед|последняя цена",
        "adj_close": "скорректированное закрытие",
        "volume": "объем|обьем|объем торгов|кол во|количество",
        "price": "цена|курс|значение|стоимость",
        "other": "изм|изменение",
    },
    "id": {
        "date": "tanggal|tarikh|ngay|วันที่",
        "open": "pembukaan|buka|mo|gia mo cua|เปิด",
        "high": "tertinggi|cao|gia cao nhat|สูงสุด",
        "low": "terendah|thap|gia thap nhat|ต่ำสุด",
        "close": "terakhir|penutupan|lan cuoi|gia dong cua|dong cua|ปิด|ล่าสุด",
        "volume": "kl|khoi luong|ปริมาณ",
        "price": "harga|gia|ราคา",
    },
    "he_ar": {
        "date": "תאריך|التاريخ",
        "open": "פתיחה|שער פתיחה|مفتوح|الافتتاح|فتح",
        "high": "גבוה|مرتفع|الأعلى|أعلى",
        "low": "נמוך|منخفض|الأدنى|أدنى",
        "close": "שער נעילה|נעילה|אחרון|إغلاق|الإغلاق|آخر|الأخير",
        "volume": "נפח|מחזור|حجم|الحجم",
        "price": "שער|מחיר|السعر",
    },
    "zh": {
        "date": "日期|交易日期|时间|時間|交易日|日期时间|时间戳|成交日期|净值日期|年月日|交易时间|統計日期",
        "time": "时刻|時刻|分钟时间",
        "ticker": "ts code|股票代码|股票代號|代码|代號|证券代码|證券代號|名称|名稱|股票名称|基金代码|合约|"
        "品种|证券简称|股份代號",
        "open": "开盘|开盘价|開盤|開盤價|今开|开|開|今开盘|開市",
        "high": "最高|最高价|最高價|高",
        "low": "最低|最低价|最低價|低",
        "close": "收盘|收盘价|收盤|收盤價|收|最新价|最新|今收盘|成交价|收市",
        "adj_close": "复权收盘价|后复权收盘价|前复权收盘价|復權收盤價|累计净值|后复权价|前复权价",
        "volume": "成交量|交易量|成交股数|成交股數|总手|总量|成交量股|成交量手|成交量万股|成交数量",
        "price": "价格|價格|单位净值|净值|基金净值|收盘指数|点位|数值",
        "other": "前收盘|前收|昨收|昨收盘|前收盘价|涨跌额|涨跌幅|换手率|成交额|成交金额|振幅|总市值|流通市值|成交笔数|"
        "涨跌|pct chg",
    },
    "ja": {
        "date": "日付|日付け|日時|取引日|基準日|日付時刻",
        "ticker": "銘柄|銘柄コード|コード|銘柄名|証券コード",
        "open": "始値|始め値|寄付|寄付値",
        "high": "高値",
        "low": "安値",
        "close": "終値|終り値|現在値|引値|終値ポイント",
        "adj_close": "調整後終値|修正後終値|調整終値|終値調整値",
        "volume": "出来高|売買高|出来高株",
        "price": "価格|値|基準価額|株価|レート|仲値",
        "other": "前日比|変化率|前日終値|売買代金|純資産総額",
    },
    "ko": {
        "date": "날짜|일자|일시|거래일|기준일|영업일|년월일|거래일자",
        "time": "시간|시각",
        "ticker": "종목|종목코드|종목명|티커",
        "open": "시가|오픈|시작가",
        "high": "고가|최고가",
        "low": "저가|최저가",
        "close": "종가|현재가|종료가|마감가",
        "adj_close": "수정종가|수정 종가|수정주가",
        "volume": "거래량|거래 량",
        "price": "가격|기준가|값|지수|환율",
        "other": "변동|전일비|전일대비|등락률|거래대금|대비|시가총액",
    },
}
"""By language and role, the names, parted by a bar. The role "other" is that of names that resemble another role's, as
the close of the day before does."""

LAST = (
    "last|latest|last price|price last|px last|last sale|final|zuletzt|letzter|letzter kurs|dernier|dernier cours|"
    "ultimo|ultimo precio|precio ultimo|ultimo prezzo|prezzo ultimo|ultima|preult|preco ultimo|ostatnio|ostatni|"
    "ostatni kurs|laatste|laatste koers|senast|senaste|seneste|siste|sidste|viimeisin|posledni|utolso|son|son fiyat|"
    "последняя|послед|последняя цена|terakhir|lan cuoi|ล่าสุด|אחרון|آخر|الأخير|最新价|最新|成交价|現在値|현재가"
)
"""Names of the last trade, which is the close where a file has no other one."""

COMMA = frozenset({"de", "fr", "es", "pt", "it", "pl", "nl", "nordic", "east", "tr", "ru", "id"})
"""Languages that write 1.234,56 or 1 234,56: weak evidence where numbers say nothing."""
