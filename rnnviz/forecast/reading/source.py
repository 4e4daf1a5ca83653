"""Source: the bytes of a file, unpacked where it is packed, within limits."""

from __future__ import annotations

import io
import zipfile
import zlib
from os import PathLike, fspath
from pathlib import Path
from typing import Protocol, runtime_checkable

from rnnviz.forecast.errors import TableError
from rnnviz.forecast.limits import UNPACKED, UPLOADED
from rnnviz.typed import quoted


@runtime_checkable
class Readable(Protocol):
    """A file that is open, for bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes."""


Source = str | PathLike[str] | bytes | Readable
"""What may be read: a path, the bytes of a file, or an open file."""

_PIECE = 1 << 16
_MEMBERS = 10_000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_TABLES = (".csv", ".txt", ".tsv", ".tab", ".dat", ".asc", ".prn")
_PARTS_OF_A_BOOK = ("xl/", "word/", "ppt/", "META-INF/manifest.xml", "Index/", "[Content_Types].xml")


def load(source: Source) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of the one table in a path, bytes or a file, and sentences on how it was unpacked.

    Raises ``TableError`` where there is none, or where it is too large.
    """
    data = _read(source)
    if not data:
        raise TableError("expected a table, got an empty file; export it again")
    if data[:2] == b"\x1f\x8b":
        return _gunzip(data), ("The file is packed with gzip and was unpacked.",)
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _unzip(data)
    return data, ()


def megabytes(size: int) -> str:
    """A size as people say it: 25 MB."""
    return f"{size / 1024**2:.0f} MB"


def _read(source: Source) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    elif isinstance(source, str | PathLike):
        path = Path(fspath(source))
        try:
            with path.open("rb") as file:
                data = file.read(UPLOADED + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a path"
            raise TableError(
                f"expected a file that can be read, got {quoted(str(source))} ({reason.lower()}); check the path"
            ) from error
    else:
        read: str | bytes = source.read(UPLOADED + 1)
        data = read.encode("utf-8", "replace") if isinstance(read, str) else bytes(read)
    if len(data) > UPLOADED:
        raise TableError(
            f"expected a file of at most {megabytes(UPLOADED)}, got a larger one; keep its most recent rows"
        )
    return data


def _gunzip(data: bytes) -> bytes:
    """Unpacked piece by piece: a bomb is given up as soon as it passes the limit, having filled no more than it."""
    unpacked = bytearray()
    place = members = 0
    try:
        # A gzip file may be several, one behind the other; what follows them is padding.
        while data[place : place + 2] == b"\x1f\x8b":
            unpacker = zlib.decompressobj(wbits=31)
            # In pieces: what is left behind a member is copied, and of very many members that takes for ever.
            while not unpacker.eof and place < len(data):
                piece = data[place : place + _PIECE]
                unpacked += unpacker.decompress(piece, UNPACKED + 1 - len(unpacked))
                if len(unpacked) > UNPACKED:
                    raise _too_large()
                place += len(piece) - len(unpacker.unused_data)
            members += 1
            if not unpacker.eof or members > _MEMBERS:
                raise zlib.error("it ends early, or is chopped up")
    except zlib.error as error:
        raise TableError(
            "expected a whole gzip file, got a damaged one; download it again or unpack it first"
        ) from error
    return bytes(unpacked)


def _unzip(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entry = _the_table(archive)
            if entry.compress_type not in _METHODS:
                raise ValueError("other methods give gigabytes out of one read")
            unpacked = bytearray()
            with archive.open(entry) as file:
                while len(unpacked) <= UNPACKED and (piece := file.read(_PIECE)):
                    unpacked += piece
    except TableError:
        raise
    except Exception as error:  # zipfile raises a dozen kinds for damaged, encrypted and exotic archives
        raise TableError(
            "expected a common zip file, got a locked or damaged one, or another kind; unpack it first"
        ) from error
    if len(unpacked) > UNPACKED:
        raise _too_large()
    return bytes(unpacked), (f"The file is packed with zip; {quoted(entry.filename)} in it is read.",)


def _the_table(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    entries = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir() and not entry.filename.startswith(("__MACOSX/", "."))
    ]
    if any(entry.filename.startswith(_PARTS_OF_A_BOOK) for entry in entries):
        raise TableError("expected a CSV file, got a spreadsheet or office document; save the sheet as CSV")
    if any(entry.filename == "mimetype" for entry in entries):
        raise TableError("expected a CSV file, got an office document; save the sheet as CSV")
    tables = [entry for entry in entries if entry.filename.lower().endswith(_TABLES)]
    found = tables or entries
    if len(found) != 1:
        names = ", ".join(quoted(entry.filename) for entry in found[:3])
        shown = f"{len(found)} ({names}{', ...' if len(found) > 3 else ''})" if found else "none"
        raise TableError(
            f"expected a zip with one CSV file in it, got {shown}; unpack it and choose one file"
        )
    return found[0]


def _too_large() -> TableError:
    return TableError(
        f"expected at most {megabytes(UNPACKED)} of unpacked text, got more; keep its most recent rows"
    )
