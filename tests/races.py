"""Doing one thing several times at once, each in a thread with its own connection."""

from threading import Barrier, Thread

from django.db import connection


def at_once(deed, times=2):
    """What *deed* answered each time; they all start together."""
    together, answers, failures = Barrier(times), [], []

    def do():
        try:
            together.wait(timeout=10)
            answers.append(deed())
        except Exception as failure:  # noqa: BLE001 - raised again below
            failures.append(failure)
        finally:
            connection.close()

    threads = [Thread(target=do) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return answers


def wait_until_somebody_waits(kind):
    """For a lock of this *kind*, as PostgreSQL calls them."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = %s"
    with connection.cursor() as cursor:
        for _look in range(100_000):
            cursor.execute(waiting, [kind])
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nobody waits.")


def beside(deed):
    """Begin *deed* in a thread of its own, with its own connection."""

    def do():
        try:
            deed()
        finally:
            connection.close()

    thread = Thread(target=do)
    thread.start()
    return thread
