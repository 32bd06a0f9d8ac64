import gzip
import shutil
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.customers import columns, readers, zones
from accounts.customers.models import CustomerImport
from accounts.customers.problems import sentence
from accounts.customers.readers import BadFile, Look, Row
from accounts.journal import clock
from accounts.journal.channels import Channel
from accounts.journal.intake import Status
from accounts.journal.orders import KIND, load
from accounts.journal.orders.load import Listener, Loaded, chunks, read_all
from accounts.journal.orders.newcomers import Newcomers
from accounts.journal.orders.reading import Reader, Refused

_GZIP = b"\x1f\x8b"
_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Loads orders and credit notes from a CSV, XLSX or gzipped CSV file. "
        "Loading it again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=HEADER",
            help="what a column holds, such as document=Belegnr; others are guessed "
            f"or remembered. Fields: {', '.join(f.slug for f in KIND.fields)}",
        )
        parser.add_argument(
            "--channel", choices=Channel.values, help="where no column says it"
        )
        parser.add_argument("--currency", help="where no column says it")
        parser.add_argument("--zone", help="of the dates, such as Europe/London")
        parser.add_argument("--dates", choices=["dmy", "mdy"])
        parser.add_argument("--decimal", choices=["comma", "point"])
        parser.add_argument(
            "--create-accounts",
            action="store_true",
            default=None,
            help="make accounts of customers that are not known yet",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with unpacked(options["file"]) as path:
                self._load(path, options)
        except BadFile as bad:
            line = "" if bad.line is None else f"Line {bad.line}: "
            raise CommandError(f"{line}{sentence(bad.code)}") from None
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from None

    def _load(self, path: Path, options: dict[str, Any]) -> None:
        seen = readers.look(readers.Path(path))
        mapping, chosen = self._choose(seen, options)
        at = clock.now()
        reader = Reader(mapping, chosen, at)
        if chosen["create_accounts"]:
            self._create_accounts(path, seen, reader)
        self.refused = 0
        loaded = load(
            readers.open_path(path, seen.layout), reader, at, Listener(self._refuse)
        )
        remember(seen, mapping, chosen)
        self._report(loaded)

    def _choose(
        self, seen: Look, options: dict[str, Any]
    ) -> tuple[dict[str, int], dict[str, Any]]:
        """Columns and options: as given, else as remembered, else as guessed."""
        mapping, remembered = columns.propose(KIND, seen)
        for pair in options["column"]:
            field, _, header = pair.partition("=")
            if field not in {one.slug for one in KIND.fields}:
                raise CommandError(f"There is no field “{field}”.")
            if header not in seen.header:
                raise CommandError(f"There is no column “{header}”.")
            mapping[field] = seen.header.index(header)
        missing = KIND.required - set(mapping)
        if missing:
            raise CommandError(
                f"Which columns hold {', '.join(sorted(missing))}? "
                "Say so with --column FIELD=HEADER."
            )
        defaults = {option.slug: option.default for option in KIND.options}
        given = {slug: options[slug] for slug in defaults if options.get(slug)}
        chosen = {**defaults, **remembered, **given}
        if not zones.is_zone(chosen["zone"]):
            raise CommandError(f"There is no time zone “{chosen['zone']}”.")
        return mapping, chosen

    def _create_accounts(self, path: Path, seen: Look, reader: Reader) -> None:
        newcomers = Newcomers()
        for chunk in chunks(readers.open_path(path, seen.layout)):
            for line in read_all(chunk, reader, lambda row, why: None):
                odd = newcomers.meet(line)
                if odd:
                    self._remark(
                        f"line {line.line}, {line.report.account}, {line.country}: "
                        f"{sentence(odd)}"
                    )
        zone = reader.options["zone"]
        created = newcomers.create(reader.at, "orders-file", zone)
        self.stdout.write(f"{created} accounts created")

    def _refuse(self, row: Row, why: Refused) -> None:
        self.refused += 1
        if self.refused <= _SHOWN:
            what = f" “{why.value}”" if why.value else ""
            self._remark(f"line {row.line}{what}: {sentence(why.code)}")

    def _remark(self, text: str) -> None:
        self.stderr.write(text)

    def _report(self, loaded: Loaded) -> None:
        if self.refused > _SHOWN:
            self._remark(f"… and {self.refused - _SHOWN} more lines")
        results = loaded.results
        self.stdout.write(
            f"{loaded.lines} lines: {results[Status.RECORDED]} recorded, "
            f"{results[Status.REPEATED]} known already, "
            f"{results[Status.CONFLICT]} known with another amount, "
            f"{results[Status.UNMATCHED]} waiting for their account, "
            f"{loaded.refused} refused"
        )


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The file itself, or what is packed in it."""
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    if not packed:
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="orders-", suffix=".csv") as plain:
        with gzip.open(path) as file:
            shutil.copyfileobj(file, plain)
        plain.flush()
        yield Path(plain.name)


def remember(seen: Look, mapping: dict[str, int], chosen: dict[str, Any]) -> None:
    """For the next file with the same header, here or in the admin."""
    columns.remember(
        CustomerImport(
            kind=KIND.slug, header=seen.header, mapping=mapping, options=chosen
        )
    )
