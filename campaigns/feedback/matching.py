"""Which delivery a report speaks of: our id *and* the recipient must fit.

Where a provider keeps no id of ours, the one that it gave the message stands in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from django.db import connection

from accounts.customers import addresses

from .models import Post
from .news import News, find_uuid
from .noticed import OWN


@dataclass(frozen=True, slots=True)
class Delivered:
    """The delivery that a report fits."""

    id: int
    uuid: str
    buyer_id: int
    enrolment_id: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """A report, and what it fits: nothing, where somebody made it up."""

    news: News
    post_id: int
    provider: str
    key: bytes
    address_hash: bytes | None
    delivery: Delivered | None


_BY_OUR_ID = """
    SELECT came.place, delivery.id, delivery.uuid::text, delivery.buyer_id,
           delivery.enrolment_id
    FROM unnest(%s::uuid[], %s::bytea[]) WITH ORDINALITY AS came (uuid, hash, place)
    JOIN sequences_delivery AS delivery
      ON delivery.uuid = came.uuid AND delivery.address_hash = came.hash
"""
# By way of the buyer: deliveries have no index of their own for it.
_BY_THEIR_ID = """
    SELECT DISTINCT ON (came.place) came.place, delivery.id, delivery.uuid::text,
           delivery.buyer_id, delivery.enrolment_id
    FROM unnest(%s::int[], %s::text[], %s::bytea[]) AS came (place, theirs, hash)
    JOIN customers_buyer AS buyer ON buyer.address_hash = came.hash
    JOIN sequences_delivery AS delivery
      ON delivery.buyer_id = buyer.id AND delivery.address_hash = came.hash
     AND delivery.provider_id = came.theirs
    ORDER BY came.place, delivery.id
"""


# What our own door noticed came with a token that we signed: no address is needed.
_BY_OUR_DOOR = """
    SELECT came.place, coalesce(buyer.email, ''), delivery.id, delivery.uuid::text,
           delivery.buyer_id, delivery.enrolment_id
    FROM unnest(%s::int[], %s::uuid[]) AS came (place, uuid)
    JOIN sequences_delivery AS delivery ON delivery.uuid = came.uuid
    LEFT JOIN customers_buyer AS buyer
      ON buyer.id = delivery.buyer_id AND buyer.address_hash = delivery.address_hash
"""


def match(told: Iterable[tuple[News, Post]]) -> list[Told]:
    """In at most three statements, whatever their number."""
    came = list(told)
    # Before anything is added: the same report always has the same key.
    keys = [_key(post.provider, news) for news, post in came]
    pairs, ours = _by_our_door(came)
    hashes = [_hash(news.recipient) for news, _post in pairs]
    found = ours | _by_our_id([news for news, _post in pairs], hashes)
    found |= _by_their_id([news for news, _post in pairs], hashes, found)
    return [
        Told(
            news=news,
            post_id=post.pk,
            provider=post.provider,
            key=keys[place],
            address_hash=hashes[place],
            delivery=found.get(place),
        )
        for place, (news, post) in enumerate(pairs)
    ]


def _by_our_door(
    came: Sequence[tuple[News, Post]],
) -> tuple[list[tuple[News, Post]], dict[int, Delivered]]:
    """The pairs, ours with the address that the message went to; and what ours fit."""
    pairs, found = list(came), dict[int, Delivered]()
    places = [n for n, (_news, post) in enumerate(pairs) if post.provider == OWN]
    if not places:
        return pairs, found
    with connection.cursor() as cursor:
        uuids = [pairs[place][0].delivery_uuid for place in places]
        cursor.execute(_BY_OUR_DOOR, [places, uuids])
        for place, address, *delivered in cursor.fetchall():
            news, post = pairs[place]
            pairs[place] = replace(news, recipient=address), post
            found[place] = Delivered(*delivered)
    return pairs, found


def _by_our_id(
    news: Sequence[News], hashes: Sequence[bytes | None]
) -> dict[int, Delivered]:
    uuids = [one.delivery_uuid or find_uuid(" ".join(one.provider_ids)) for one in news]
    if not any(uuids):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BY_OUR_ID, [uuids, list(hashes)])
        return {place - 1: Delivered(*row) for place, *row in cursor.fetchall()}


def _by_their_id(
    news: Sequence[News],
    hashes: Sequence[bytes | None],
    found: dict[int, Delivered],
) -> dict[int, Delivered]:
    wanted = [
        (place, theirs, hashes[place])
        for place, one in enumerate(news)
        if place not in found and one.delivery_uuid is None and hashes[place]
        for theirs in one.provider_ids
    ]
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_THEIR_ID, [list(column) for column in zip(*wanted, strict=True)]
        )
        return {place: Delivered(*row) for place, *row in cursor.fetchall()}


def _hash(recipient: str) -> bytes | None:
    try:
        return addresses.check(recipient).hash
    except addresses.BadAddress:
        return None


def _key(provider: str, news: News) -> bytes:
    """The same report always has the same; two people's never have."""
    parts = (
        *(provider, news.mark, news.kind, news.recipient.lower()),
        str(news.delivery_uuid or ""),
    )
    return sha256("\0".join(parts).encode(errors="replace")).digest()
