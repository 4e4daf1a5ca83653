"""Encoding: from bytes to text. Marks first, then strict UTF-8, then the words that a guess would give."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import numpy as np

from rnnviz.forecast.errors import TableError
from rnnviz.forecast.reading import vocabulary
from rnnviz.forecast.table import Guess
from rnnviz.typed import quoted

_LABELS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16, little-endian",
    "utf-16-be": "UTF-16, big-endian",
    "utf-32": "UTF-32",
    "gb18030": "GB 18030 (Chinese, simplified)",
    "big5hkscs": "Big5 (Chinese, traditional)",
    "cp932": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp1258": "Windows-1258 (Vietnamese)",
    "cp874": "Windows-874 (Thai)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp850": "DOS 850 (Western Europe)",
    "mac_roman": "Mac Roman (Western Europe)",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The most common characters of each script, as ranges of first and second byte in the legacy standard.
_COMMON = {
    "cp949": ("euc_kr", 0xB0, 0xC8, 0xA1),
    "gb18030": ("gb2312", 0xB0, 0xD7, 0xA1),
    "big5hkscs": ("big5", 0xA4, 0xC6, 0x40),
    "cp932": ("shift_jis", 0x82, 0x97, 0x40),
    "euc_jp": ("euc_jp", 0xA4, 0xCF, 0xA1),
}
_ONE_BYTE = tuple(name for name in _LABELS if name.startswith("cp12") or name in ("cp874", "koi8_r", "cp850"))
_LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "cp1258", "cp850")
# What ż, ł, ą and ğ, ş, ı look like in the Western encoding: no Western word has these.
_TELLING = {"cp1250": set("¹³¿¼¾"), "cp1254": set("þðýÝÞÐ")}
_COUNTED = 60
_SAMPLE = 16_384
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Decoded:
    """The text of a file, how it was read, and what was odd."""

    text: str
    guess: Guess
    report: tuple[str, ...]
    warnings: tuple[str, ...]


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """The text in ``data``. ``encoding`` overrules what the bytes say. Raises ``TableError`` for an unknown one."""
    data = data.rstrip(b"\0\x1a") if data[:2] not in (b"\xff\xfe", b"\xfe\xff") else data
    found, sure, why = _told(data) if encoding is None else (_known(encoding), True, "as chosen")
    text, warnings = _read(data, found)
    text = text.replace("\ufeff", "") if not text.isascii() else text
    label = _label(found)
    report = f"The text is {label}, {why}." if why else f"The text is {label}."
    return Decoded(
        text, Guess("encoding", "Encoding", found, _choices(data, found), sure), (report,), warnings
    )


def _known(encoding: str) -> str:
    try:
        info = codecs.lookup(encoding)
        if not getattr(info, "_is_text_encoding", True):
            raise LookupError
    except (LookupError, ValueError, TypeError) as error:
        raise TableError(
            f'expected the name of an encoding such as "utf-8" or "cp1252", got {quoted(encoding)}; choose another one'
        ) from error
    canonical = {codecs.lookup(name).name: name for name in _LABELS}
    return canonical.get(info.name, info.name)


def _told(data: bytes) -> tuple[str, bool, str]:
    """The encoding, whether it is beyond doubt, and how it was told."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, True, "by its byte-order mark"
    if wide := _wide(data[:_SAMPLE]):
        return wide, True, "by the zeros between its letters"
    if _fits(data, "utf-8"):
        return "utf-8", True, ""
    sample = _sample(data)
    broken = sample.decode("utf-8", "replace")
    if 4 * broken.count("\ufffd") < sum(not char.isascii() for char in broken):
        return "utf-8", True, "damaged in places"
    return _legacy(sample)


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: digits, separators and line ends have a zero on one side, and always on the same one."""
    if len(head) < 4 or not (zeros := head.count(0)):
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if zeros < len(head) // 5 or min(even, odd) * 20 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _sample(data: bytes) -> bytes:
    """The lines with letters beyond ASCII, the first of them: rows of digits say nothing on an encoding."""
    if data.isascii():
        return b""
    high = np.flatnonzero(np.frombuffer(data, np.uint8) >= 0x80)
    lines: list[bytes] = []
    size = at = 0
    while at < len(high) and size < _SAMPLE:
        first = int(high[at])
        start = max(data.rfind(b"\n", 0, first) + 1, first - 500)
        end = data.find(b"\n", first, first + 500)
        end = end if end >= 0 else min(len(data), first + 500)
        lines.append(data[start:end])
        size += len(lines[-1])
        at = int(np.searchsorted(high, end))
    return b"\n".join(lines)


def _legacy(sample: bytes) -> tuple[str, bool, str]:
    """Before Unicode: the encoding that makes known words; for scripts of two bytes the one that makes common ones."""
    names = (*_COMMON, *_ONE_BYTE, "mac_roman")
    words = {name: sum(map(len, vocabulary.foreign(sample[:4096].decode(name, "replace")))) for name in names}
    if best := max(words.values()):
        tied = [name for name in names if words[name] == best]
        return next((name for name in tied if _fits(sample, name)), tied[0]), True, "told by its words"
    common = {name: _commonness(sample, name) for name in _COMMON if _fits(sample, name)}
    if common and max(common.values()) > 0.9:
        return max(common, key=lambda name: common[name]), False, "told by its letters"
    return (
        _one_byte(sample, [name for name in _ONE_BYTE if _fits(sample, name)]),
        False,
        "told by its letters",
    )


def _commonness(sample: bytes, name: str) -> float:
    """The share of letters beyond ASCII that are everyday ones of the script; 0 where there are none."""
    codec, first, last, second = _COMMON[name]
    wide = [char for char in sample.decode(name, "ignore") if not char.isascii()]
    hits = 0
    for char in wide:
        pair = char.encode(codec, "ignore")
        hits += len(pair) == 2 and first <= pair[0] <= last and pair[1] >= second
    return hits / len(wide) if wide else 0.0


def _one_byte(sample: bytes, names: list[str]) -> str:
    """One byte a letter: by charset-normalizer where there is enough to count, by telling letters otherwise."""
    western = sample.decode("cp1252", "replace")
    words = "".join(word for word in _WORD.findall(western) if not word.isascii())
    if not words:
        return "cp1252"  # signs alone: €, a blank that does not break
    high = sum(not char.isascii() for char in words)
    latin = 3 * high < 2 * len(words)  # a Russian word has no ASCII letter, a French one many
    script = [name for name in names if (name in _LATIN) == latin]
    if script and (not latin or high > _COUNTED):
        from charset_normalizer import from_bytes

        match = from_bytes(sample, cp_isolation=script, enable_fallback=False).best()
        if match is not None and match.encoding in script:
            # Where the letters are the same in both, people have the Western one.
            same = "cp1252" in script and western == sample.decode(match.encoding, "replace")
            return "cp1252" if same else match.encoding
    if not latin:
        return script[0] if script else "cp1252"
    return next((name for name, telling in _TELLING.items() if telling & set(western)), "cp1252")


def _read(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    codec = "utf-8-sig" if name == "utf-8" else name
    try:
        return data.decode(codec), ()
    except UnicodeDecodeError as error:
        cut = error.start >= len(data) - 4
    except Exception as error:  # codecs of a chosen name may raise anything
        raise _unfit(name) from error
    try:
        text = data.decode(codec, "ignore" if cut else "replace")
    except Exception as error:
        raise _unfit(name) from error
    if cut:
        return text, ("The file ends in the middle of a letter: it was cut off.",)
    count = text.count("\ufffd")
    noun = "letter cannot" if count == 1 else "letters cannot"
    return text, (f"{count:,} {noun} be read in this encoding and stand as \ufffd.",)


def _unfit(name: str) -> TableError:
    return TableError(f"expected text in {_label(name)}, got something else; choose another encoding")


def _fits(data: bytes, name: str) -> bool:
    """Whether the bytes are text in this encoding, but for a letter cut off at the end."""
    try:
        data.decode(name)
    except UnicodeDecodeError as error:
        cut = "unexpected end" in error.reason or "incomplete" in error.reason
        return cut and error.start >= max(1, len(data) - 3)
    return True


def _choices(data: bytes, found: str) -> tuple[tuple[str, str], ...]:
    """The encodings in which the file could be written, the one that was taken first."""
    sample = _sample(data[: 64 * _SAMPLE])
    names = [found, "utf-8", *(name for name in _LABELS if sample and _fits(sample, name))]
    return tuple((name, _label(name)) for name in dict.fromkeys(names))


def _label(name: str) -> str:
    return _LABELS.get(name, name)
