from django.core.cache import cache
from django.db import connection


def test_the_database_and_the_cache_answer(db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        assert int(cursor.fetchone()[0]) >= 150000
    cache.set("greeting", "hello", 5)
    assert cache.get("greeting") == "hello"
