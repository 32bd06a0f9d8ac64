"""Reads stored posts in batches: report by report, and what follows from each.

A post is leased, read outside of any transaction, and its news noted together with
all that follows from it. Whoever dies in between is repeated without harm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from . import effects, machines, matching, reading, store, summing
from .models import Post
from .news import News

log = structlog.get_logger(__name__)

#: So many posts at a time; some hold hundreds of reports.
BATCH = 100
_LEASE = timedelta(minutes=5)

_CLAIM = """
    UPDATE feedback_post SET lease_until = %(until)s
    WHERE id IN (
        SELECT id FROM feedback_post
        WHERE state = 'waiting' AND (lease_until IS NULL OR lease_until < %(at)s)
        ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING id
"""
_READ = """
    UPDATE feedback_post SET state = 'read', read_at = %s, body = '', headers = '{}'
    WHERE id = ANY(%s) AND state = 'waiting'
"""
_ASIDE = """
    UPDATE feedback_post SET state = 'aside', read_at = %s, trouble = %s
    WHERE id = %s AND state = 'waiting'
"""


@dataclass(frozen=True, slots=True)
class Reading:
    post: Post
    news: Sequence[News]


def process(at: datetime, limit: int = BATCH) -> int:
    """Take in what waits; how many posts that were."""
    posts = _claim(at, limit)
    readings = [one for post in posts if (one := _read(post, at)) is not None]
    try:
        _note(readings, at)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("reports_not_noted", posts=len(readings))
        _one_by_one(readings, at)
    return len(posts)


def _claim(at: datetime, limit: int) -> list[Post]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"at": at, "until": at + _LEASE, "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    return list(Post.objects.filter(pk__in=ids).order_by("pk")) if ids else []


def _read(post: Post, at: datetime) -> Reading | None:
    """A post that cannot be read is set aside for a person, not tried for ever."""
    try:
        return Reading(post, reading.read(post))
    except reading.Unread as unread:
        _set_aside(post, str(unread), at)
    except Exception as error:  # noqa: BLE001 - whatever a provider may send
        _set_aside(post, type(error).__name__, at)
    return None


def _note(readings: Sequence[Reading], at: datetime) -> None:
    """Everything of these posts, or nothing."""
    if not readings:
        return
    with transaction.atomic():
        told = [(news, one.post) for one in readings for news in one.news]
        new = store.store(matching.match(told))
        effects.follow(new, at)
        machines.find_sweeps(new)
        summing.sum_up(machines.deliveries_of(new))
        with connection.cursor() as cursor:
            cursor.execute(_READ, [at, [one.post.pk for one in readings]])


def _one_by_one(readings: Sequence[Reading], at: datetime) -> None:
    for one in readings:
        try:
            _note([one], at)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001 - one post's fault is its own
            _set_aside(one.post, type(error).__name__, at)


def _set_aside(post: Post, trouble: str, at: datetime) -> None:
    log.warning("post_set_aside", post=post.pk, provider=post.provider)
    with connection.cursor() as cursor:
        cursor.execute(_ASIDE, [at, trouble[:300], post.pk])


def read_again(posts: Sequence[int]) -> int:
    """Let posts that were set aside be read once more, because a person asks."""
    asked = Post.objects.filter(pk__in=posts, state=Post.State.ASIDE)
    return asked.update(state=Post.State.WAITING, trouble="", lease_until=None)
