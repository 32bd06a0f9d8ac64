"""Fetches from the mailbox what came back: for who sends without a provider.

The folder is opened for reading only: whoever works with it sees no trace of us. A
bookmark says how far we came; a mail that is read twice counts once.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from hashlib import sha256
from typing import Any

from . import desk
from .desk import Came
from .mails import MAILBOX
from .models import Bookmark

#: So many mails at a time, and so much of each: the report comes before the rest.
BATCH, LARGEST = 50, 256 * 1024
#: A mailbox that is read for the first time: so far back.
FIRST = timedelta(days=3)
_SECONDS = 30
# As IMAP spells them, whatever the locale.
_MONTHS: tuple[str, ...] = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
)
_MONTHS += ("Oct", "Nov", "Dec")
_UID = re.compile(rb"UID (\d+)")


class MailboxTrouble(Exception):
    """It cannot be read now; the text holds nothing of the mails."""


def fetch(box: Mapping[str, Any], at: datetime) -> int:
    """Store what is new in *box*, to be read like any post; how many mails."""
    try:
        with _opened(box) as server:
            return _fetch(server, box, at)
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxTrouble(type(error).__name__) from error


@contextmanager
def _opened(box: Mapping[str, Any]) -> Iterator[imaplib.IMAP4]:
    context = ssl.create_default_context()
    place = (box["host"], box["port"])
    server: imaplib.IMAP4
    if box["encryption"] == "imaps":
        server = imaplib.IMAP4_SSL(*place, ssl_context=context, timeout=_SECONDS)
    else:
        server = imaplib.IMAP4(*place, timeout=_SECONDS)
    try:
        if box["encryption"] == "imap+tls":
            server.starttls(context)
        server.login(box["user"], box["password"])
        yield server
    finally:
        server.shutdown()


def _fetch(server: imaplib.IMAP4, box: Mapping[str, Any], at: datetime) -> int:
    _ask(server.select(_quoted(box["folder"]), readonly=True))
    bookmark = _bookmark(server, box, at)
    found = _new(server, bookmark, at)
    for start in range(0, len(found), BATCH):
        chunk = found[start : start + BATCH]
        came = [Came(MAILBOX, mail, inbound=True) for mail in _mails(server, chunk)]
        if came:
            desk.store(came)
        Bookmark.objects.update_or_create(
            mailbox=bookmark.mailbox,
            defaults={
                "validity": bookmark.validity,
                "last": chunk[-1],
                "read_at": at,
            },
        )
    return len(found)


def _bookmark(server: imaplib.IMAP4, box: Mapping[str, Any], at: datetime) -> Bookmark:
    """Where we are. A folder that numbers its mails anew is read anew."""
    named = f"{box['user']} {box['host']} {box['folder']}"
    key = sha256(named.encode()).hexdigest()
    _kind, told = server.response("UIDVALIDITY")
    validity = int(told[0]) if told and told[0] else 0
    known = Bookmark.objects.filter(mailbox=key, validity=validity).first()
    return known or Bookmark(mailbox=key, validity=validity, last=0, read_at=at)


def _new(server: imaplib.IMAP4, bookmark: Bookmark, at: datetime) -> list[int]:
    if bookmark.last:
        asked = f"UID {bookmark.last + 1}:*"
    else:
        since = at - FIRST
        asked = f"SINCE {since.day:02d}-{_MONTHS[since.month - 1]}-{since.year}"
    (line,) = _ask(server.uid("SEARCH", asked))[:1] or [b""]
    # "9:*" names the last mail also where it is number eight.
    return sorted(uid for uid in map(int, (line or b"").split()) if uid > bookmark.last)


def _mails(server: imaplib.IMAP4, uids: Sequence[int]) -> Iterator[bytes]:
    """Of reports the whole, of everything else no more than the headers."""
    heads = dict(_parts(server, uids, "BODY.PEEK[HEADER]"))
    reports = [uid for uid in uids if _is_report(heads.get(uid, b""))]
    whole = dict(_parts(server, reports, f"BODY.PEEK[]<0.{LARGEST}>"))
    for uid in uids:
        if mail := whole.get(uid) or heads.get(uid):
            yield mail


def _parts(
    server: imaplib.IMAP4, uids: Sequence[int], what: str
) -> Iterator[tuple[int, bytes]]:
    if not uids:
        return
    named = ",".join(map(str, uids))
    for item in _ask(server.uid("FETCH", named, f"(UID {what})")):
        if isinstance(item, tuple) and (found := _UID.search(item[0])):
            yield int(found[1]), item[1]


def _is_report(head: bytes) -> bool:
    mail = message_from_bytes(head, policy=policy.default)
    return mail.get_content_type() == "multipart/report"


def _ask(answer: tuple[str, list[Any]]) -> list[Any]:
    verdict, data = answer
    if verdict != "OK":
        raise imaplib.IMAP4.error(verdict)
    return data


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
