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
