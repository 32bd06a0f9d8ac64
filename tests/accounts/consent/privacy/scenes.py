"""Somebody who is no buyer and yet named."""

from datetime import UTC, datetime

from django.db import connection

from accounts.customers import clock
from accounts.journal import intake
from accounts.journal.reports import Report

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
HER = "iria.souto@unknown.example"
#: Hers stands in it.
ANOTHER = "mairia.souto@unknown.example"
PAGE = "/admin/consent/privacyact/"


def report(key, email="", *, kind="ordered", account="C900", called="", **data):
    told = {"email": email, "external_id": called}
    buyer = {way: name for way, name in told.items() if name}
    return Report(key, kind, AT, account, buyer, data)


def take(*reports):
    return intake.take(reports, "store", clock.now())


def where(needle=HER):
    """Tables in whose rows it stands."""
    tables = connection.introspection.table_names()
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS held WHERE lower(held::text) ~ %s',
                [rf"(?<!ma){needle}"],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return [one for one in found if not one.startswith("journal_event_")]
