"""What the journal holds of a person. Her number stays in it, so that sums hold."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from accounts.consent.privacy import door
from accounts.consent.privacy.people import NOBODY, Person, called
from accounts.consent.privacy.registry import (
    Deed,
    Holding,
    Rows,
    know_by_id,
    listen,
    register,
)
from accounts.customers import addresses, numbers
from accounts.customers.models import Account

from . import kinds, naming
from .entries import NewEvent
from .models import (
    BuyerProgress,
    Event,
    EventConflict,
    EventKey,
    EventPoison,
    KindProgress,
    UnknownBuyer,
    UnmatchedEvent,
)
from .record import record

SOURCE = "privacy"
#: What sums and other events rest on; every other text of an event goes.
PLAIN = ("amount", "currency", "document", "channel", "placed_by", "kind", "barrier")
#: A key of the sender's that held her address is one of these afterwards.
KEYED = "erased:"

_BLANK = """
    WITH told AS (
        SELECT event.id, (
            SELECT coalesce(jsonb_object_agg(one.key, one.value), '{}')
            FROM jsonb_each(event.data) AS one
            WHERE one.key = ANY(%(plain)s)
               OR jsonb_typeof(one.value) IN ('number', 'boolean', 'null')
        ) AS plain
        FROM journal_event AS event WHERE event.id = ANY(%(ids)s)
    )
    UPDATE journal_event AS event SET data = told.plain
    FROM told WHERE event.id = told.id AND event.data <> told.plain
"""
_REKEY = """
    WITH told AS (
        SELECT * FROM unnest(%(ids)s::bigint[], %(keys)s::text[]) AS told (id, key)
    ), kept AS (
        UPDATE journal_eventkey AS own SET key = told.key
        FROM told, journal_event AS event
        WHERE event.id = told.id AND own.source = event.source
          AND own.key = event.key AND own.event_id = event.id
    )
    UPDATE journal_event AS event SET key = told.key
    FROM told WHERE event.id = told.id
"""


def keyed(source: str, key: str) -> str:
    """Stands for a key that named somebody: the same for the same key."""
    return f"{KEYED}{addresses.hash_of(f'{source}:{key}').hex()}"


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Details without words that may speak of a person."""
    return {
        name: value
        for name, value in data.items()
        if name in PLAIN or not isinstance(value, str)
    }


def _events(person: Person) -> Rows:
    """Those that named her before we knew her."""
    return Event.objects.filter(pk__in=list(_told_of(person)))


def _blank_events(rows: Rows, deed: Deed) -> int:
    ids = list(rows.values_list("pk", flat=True))
    with door.opened(), connection.cursor() as cursor:
        cursor.execute(_BLANK, {"ids": ids, "plain": list(PLAIN)})
        return int(cursor.rowcount)


def _forget_strangers(rows: Rows, deed: Deed) -> int:
    """An address in the key of such an event goes, too. Counted is what is blanked."""
    named = dict(rows.exclude(email_key="").values_list("event_id", "email_key"))
    events = Event.objects.filter(pk__in=list(named), key__contains="@")
    found = [
        (pk, source, key)
        for pk, source, key in events.values_list("pk", "source", "key")
        if named[pk] in key.casefold()
    ]
    _rekey(found)
    return 0


def _told_of(person: Person) -> QuerySet[UnknownBuyer, int]:
    return _strangers(person).values_list("event_id", flat=True)


def _strangers(person: Person) -> Rows:
    named = Q(email_key__in=person.emails)
    if person.external_id:
        named |= Q(account_id=person.account_id, external_id=person.external_id)
    return UnknownBuyer.objects.filter(named | Q(buyer_id=person.pk))


def _keys(person: Person) -> Rows:
    """By their own key: they have no index by event."""
    hers = Event.objects.filter(buyer=person.pk).values_list("source", "key")
    told_of = _events(person).values_list("source", "key")
    return EventKey.objects.filter(pk__in=[*hers, *told_of])


def _poisoned(person: Person) -> Rows:
    hers = Event.objects.filter(buyer=person.pk).values("pk")
    return EventPoison.objects.filter(Q(event_id__in=hers) | person.in_text("error"))


def _telling(rows: Rows, person: Person) -> Rows:
    told: Rows = rows.alias(told=Cast("body", TextField()))
    return told.filter(person.in_text("told", "key"))


def _naming(rows: Rows, person: Person) -> list[int]:
    """Those whose body calls her by the store's id, in a company of her number."""
    if not person.external_id:
        return []
    called = rows.filter(body__buyer__external_id=person.external_id)
    number = numbers.strip_zeros(person.account_number)
    return [
        pk
        for pk, told in called.values_list("pk", "body__account")
        if numbers.strip_zeros(numbers.key_of(told)) == number
    ]


def _unmatched(person: Person) -> Rows:
    rows = UnmatchedEvent.objects.all()
    return rows.filter(
        Q(pk__in=_naming(rows, person)) | Q(pk__in=_telling(rows, person).values("pk"))
    )


def _conflicts(person: Person) -> Rows:
    rows = EventConflict.objects.all()
    hers = rows.filter(body__buyer_id=person.pk)
    return rows.filter(
        Q(pk__in=hers.values("pk"))
        | Q(pk__in=_naming(rows, person))
        | Q(pk__in=_telling(rows, person).values("pk"))
    )


def _called(external_id: str | None) -> Iterable[Person]:
    """Whom events and reports name by the store's id, and we do not know as a buyer."""
    asked = {} if external_id is None else {"external_id": external_id}
    known = UnknownBuyer.objects.filter(**asked).exclude(external_id="")
    rows = known.values_list("external_id", "account_id", "account__number_key")
    yield from (called(*row) for row in rows.distinct())
    told = [pair for model in (UnmatchedEvent, EventConflict) for pair in _told(model)]
    told = [pair for pair in told if external_id in {None, pair[0]}]
    found = naming.find_accounts({number for _external_id, number in told})
    ours = {pk for pk in found.values() if pk is not None}
    written = dict(Account.objects.filter(pk__in=ours).values_list("pk", "number_key"))
    for name, number in told:
        account = found.get(number) or NOBODY
        yield called(name, account, written.get(account, number))


def _told(model: type[Model]) -> set[tuple[str, str]]:
    """The store's ids in bodies of reports, each with the number of its company."""
    rows = model._default_manager.filter(body__buyer__has_key="external_id")
    pairs = rows.values_list("body__buyer__external_id", "body__account")
    return {(name, numbers.key_of(number)) for name, number in pairs}


def _blank_bodies(rows: Rows, deed: Deed) -> int:
    """Few, so one by one. What named her goes; what was reported stays."""
    found = list(rows)
    for row in found:
        row.key = keyed(row.source, row.key) if "@" in row.key else row.key
        row.body = _blanked(row.body, row.key)
        row.save(update_fields=["body", "key"])
    return len(found)


def _blanked(body: dict[str, Any], key: str) -> dict[str, Any]:
    """What is matched later is recorded by its body, and so must not lose its key."""
    told = {**body, "data": plain(body.get("data", {}))}
    if "buyer" in body:
        told["buyer"] = {}
    if "key" in body:
        told["key"] = key
    return told


def note(person: Person, deed: Deed) -> None:
    """Take her out of the keys of events, and record that she was erased."""
    events = Event.objects.filter(person.in_text("key"), account=person.account_id)
    _rekey(list(events.values_list("pk", "source", "key")))
    record(
        NewEvent(
            kind=kinds.ERASED,
            account_id=person.account_id,
            buyer_id=person.pk,
            occurred_at=deed.at,
            source=SOURCE,
            key=f"erased:{person.pk}",
        )
    )


def _rekey(found: Sequence[tuple[int, str, str]]) -> None:
    """Events by their number, with their source and key."""
    if not found:
        return
    values: dict[str, Any] = {
        "ids": [pk for pk, _source, _key in found],
        "keys": [keyed(source, key) for _pk, source, key in found],
    }
    with door.opened(), connection.cursor() as cursor:
        cursor.execute(_REKEY, values)


register(
    Holding(
        Event,
        _("What happened and when stays, under a number; other words go."),
        path="buyer",
        find=_events,
        deed=_blank_events,
        keeps=("kind", "source", "key", "cause", "data"),
    ),
    Holding(
        EventKey,
        _("By which a repeat is known; an address in one becomes a keyed hash."),
        called=_("Keys of events"),
        find=_keys,
        keeps=("source", "key", "digest"),
    ),
    Holding(
        EventPoison,
        _("The error goes, the event stays to be retried."),
        find=_poisoned,
        blank={"error": ""},
        of_others=("error",),
        keeps=("kind", "reaction"),
    ),
    Holding(
        UnmatchedEvent,
        _("Whom the report named goes."),
        find=_unmatched,
        deed=_blank_bodies,
        keeps=("source", "key", "digest", "kind", "account_number", "body"),
    ),
    Holding(
        UnknownBuyer,
        _("What the person was called by goes; the event counts for the company."),
        path="buyer",
        find=_strangers,
        deed=_forget_strangers,
        blank={"email_key": "", "external_id": "", "invitation": ""},
    ),
    Holding(
        EventConflict,
        _("Whom the report named goes."),
        find=_conflicts,
        deed=_blank_bodies,
        keeps=("source", "key", "digest", "body"),
    ),
    Holding(
        BuyerProgress,
        _("Times and counts under a number, so that sums hold."),
        path="buyer",
        keeps=("online_recent",),
    ),
    Holding(
        KindProgress,
        _("Times and counts under a number, so that sums hold."),
        called=_("Progress by kind of event"),
        find=lambda person: KindProgress.objects.filter(
            account_id=person.account_id, buyer_id=person.pk
        ),
        keeps=("kind",),
    ),
)
listen("journal", note)
know_by_id("journal", _called)
