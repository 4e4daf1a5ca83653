"""Months and weekdays in words of many languages. Imports nothing but the letters' names."""

from __future__ import annotations

import unicodedata
from functools import cache

_MONTHS = (
    "january february march april may june july august september october november december",
    "januar februar marz april mai juni juli august september oktober november dezember",
    "janner februar maerz april mai juni juli august september oktober november dezember",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia",
    "styczen luty marzec kwiecien maj czerwiec lipiec sierpien wrzesien pazdziernik listopad grudzien",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "januar februar mars april mai juni juli august september oktober november desember",
    "ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
)
_SHORT = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mrz apr mai jun jul aug sep okt nov dez",
    "janv fevr mars avr mai juin juil aout sept oct nov dec",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "sty lut mar kwi maj cze lip sie wrz paz lis gru",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "oca sub mar nis may haz tem agu eyl eki kas ara",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
    "янв фев мар апр мая июн июл авг сент окт нояб дек",
)
_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim "
    "lunes martes miercoles jueves viernes sabado domingo mie jue vie sab dom "
    "segunda terca quarta quinta sexta seg ter qua qui sex feira "
    "lunedi martedi mercoledi giovedi venerdi sabato domenica gio "
    "poniedzialek wtorek sroda czwartek piatek sobota niedziela pon wt sr czw pt sob nd pn ndz "
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma wo vr za zo "
    "понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс "
    "월 화 수 목 금 토 일 월요일 화요일 수요일 목요일 금요일 토요일 일요일 "
    "一 二 三 四 五 六 日 周一 周二 周三 周四 周五 周六 周日 月 火 水 木 金 土 "
    "星期一 星期二 星期三 星期四 星期五 星期六 星期日 星期天 週一 週二 週三 週四 週五 週六 週日 "
    "月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日"
)


def bare(word: str) -> str:
    """Small letters without accents."""
    folded = unicodedata.normalize("NFKD", word.casefold().replace("ł", "l").replace("ı", "i"))
    return "".join(c for c in folded if not unicodedata.combining(c)).strip(". ,")


@cache
def _months() -> dict[str, int]:
    found: dict[str, int] = {"sept": 9, "juill": 7, "maerz": 3, "jly": 7, "febr": 2}
    for names in (*_SHORT, *_MONTHS):
        for number, word in enumerate(names.split(), 1):
            found.setdefault(bare(word), number)
    return found


@cache
def _days() -> frozenset[str]:
    return frozenset(bare(word) for word in _DAYS.split())


def month(word: str) -> int | None:
    """1 to 12, or None for a word that is no month. At least three letters that only one month begins with do."""
    word = bare(word)
    if (number := _months().get(word)) or len(word) < 3:
        return number
    begun = {number for name, number in _months().items() if name.startswith(word)}
    return begun.pop() if len(begun) == 1 else None


def weekday(word: str) -> bool:
    """Whether the word is a day of the week."""
    return bare(word) in _days()
