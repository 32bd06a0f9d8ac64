"""Rings the workers' bell once a transaction has committed.

What is due is in rows, and the dispatcher looks every few seconds: a ring that gets
lost costs those seconds and nothing else.
"""

from accounts.journal import doorbell

SEND = "sequences.send"
ENROL = "sequences.enrol"
TICK = "sequences.touchpoints"


def on_commit(task: str) -> None:
    doorbell.ring_on_commit(task)
