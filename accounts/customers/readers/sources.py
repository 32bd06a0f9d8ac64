"""Where the bytes come from: pieces in the database, or a file on disk."""

import io
import pathlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from accounts.customers.models import CustomerImport, ImportPart

from .rows import BadFile

PIECE = 256 * 1024


class Source(Protocol):
    """Bytes that can be read from the start again and again."""

    def pieces(self) -> Iterator[bytes]:
        """The bytes in order, in pieces of a size that memory does not feel."""


class Parts:
    """The pieces of an uploaded file; each is fetched when it is asked for."""

    def __init__(self, batch: CustomerImport) -> None:
        self.batch = batch

    def pieces(self) -> Iterator[bytes]:
        number = 0
        parts = ImportPart.objects.filter(batch=self.batch)
        while (found := parts.filter(number=number).first()) is not None:
            yield bytes(found.data)
            number += 1
        if number == 0:
            raise BadFile("file_gone")


class Path:
    def __init__(self, path: str | pathlib.Path) -> None:
        self.path = pathlib.Path(path)

    def pieces(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


class Pieces(io.RawIOBase):
    """The pieces as a stream, for what wants to read one."""

    def __init__(self, source: Source) -> None:
        self._pieces = source.pieces()
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


@contextmanager
def on_disk(source: Source) -> Iterator[pathlib.Path]:
    """The bytes as a file that another process can open."""
    if isinstance(source, Path):
        yield source.path
        return
    with tempfile.NamedTemporaryFile(prefix="import-", suffix=".xlsx") as file:
        with io.BufferedReader(Pieces(source), PIECE) as stream:
            shutil.copyfileobj(stream, file, PIECE)
        file.flush()
        yield pathlib.Path(file.name)
