from datetime import UTC, datetime, timedelta

import pytest

from accounts.staff import keys
from accounts.staff.models import ApiKey

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def issued(db):
    return keys.issue("Store", "store", ["events", "read"])


def test_the_secret_is_kept_nowhere(issued):
    kept = ApiKey.objects.values().get()
    assert issued.secret not in str(kept)
    assert bytes(kept["digest"]) == keys.digest_of(issued.secret)
    assert issued.secret.startswith(kept["prefix"])
    assert len(kept["prefix"]) == 10


def test_secrets_hold_256_bits_and_differ(db):
    secrets = {keys.issue("k", "store", []).secret for _ in range(20)}
    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {47}


def test_a_key_opens_its_scopes_only(issued):
    assert keys.verify(issued.secret, "events", NOON) == issued.key
    assert keys.verify(issued.secret, "customers", NOON) is None


@pytest.mark.parametrize("wrong", ["", "onb_", "onb_" + "x" * 43, "Bearer"])
def test_a_stranger_opens_nothing(issued, wrong):
    assert keys.verify(wrong, "events", NOON) is None


def test_a_revoked_key_opens_nothing_and_is_revoked_once(issued):
    assert keys.revoke(issued.key, NOON) is True
    assert keys.revoke(issued.key, NOON) is False
    assert keys.verify(issued.secret, "events", NOON) is None


def test_a_key_ends_when_it_expires(db):
    issued = keys.issue("Store", "store", ["events"], expires_at=NOON)
    before = NOON - timedelta(seconds=1)
    assert keys.verify(issued.secret, "events", before) is not None
    assert keys.verify(issued.secret, "events", NOON) is None


def test_two_keys_of_one_system_live_side_by_side(issued):
    newer = keys.issue("Store, new", "store", ["events"])
    assert keys.verify(issued.secret, "events", NOON)
    assert keys.verify(newer.secret, "events", NOON)


def test_last_use_is_written_once_a_minute(issued, django_assert_num_queries):
    with django_assert_num_queries(2):
        keys.verify(issued.secret, "events", NOON)
    with django_assert_num_queries(1):
        keys.verify(issued.secret, "events", NOON + timedelta(seconds=59))
    with django_assert_num_queries(2):
        keys.verify(issued.secret, "events", NOON + timedelta(seconds=60))
    assert ApiKey.objects.get().last_used_at == NOON + timedelta(seconds=60)


def test_a_refused_key_is_not_noted_as_used(issued):
    keys.revoke(issued.key, NOON)
    keys.verify(issued.secret, "events", NOON)
    assert ApiKey.objects.get().last_used_at is None
