"""What beat rings for, and how often: intervals in UTC, never wall-clock times.

Each entry only says "look": rows decide what is due, so that a missed or doubled
ring does no harm. What was not fetched before the next ring is dropped.
"""

from typing import Any

TICK_SECONDS = 10
MINUTE = 60
HOUR = 60 * MINUTE


def ring(task: str, every: float, queue: str = "dispatch") -> dict[str, Any]:
    return {
        "task": task,
        "schedule": float(every),
        "options": {"queue": queue, "expires": every},
    }


# The dispatcher does most of this by itself, every few seconds; the bell is for the day
# on which it cannot.
TIMETABLE = {
    "tick": ring("onboarding.tick", TICK_SECONDS),
    "send": ring("sequences.send", MINUTE),
    "enrol": ring("sequences.enrol", MINUTE),
    "touchpoints": ring("sequences.touchpoints", MINUTE),
    "react": ring("journal.react", TICK_SECONDS),
    "match": ring("journal.match", HOUR),
    "partitions": ring("journal.partitions", HOUR),
    "audit": ring("onboarding.audit", HOUR, "reports"),
    "mailbox": ring("feedback.mailbox", MINUTE),
    "feedback": ring("feedback.process", MINUTE),
    "gateways": ring("feedback.learn", HOUR, "reports"),
    "forget_posts": ring("feedback.forget", HOUR, "reports"),
    "domains": ring("messages.watch_domains", HOUR, "reports"),
    "imports": ring("accounts.customers.tasks.sweep_imports", MINUTE, "imports"),
    "privacy": ring("consent.privacy", MINUTE, "imports"),
    "privacy_sweep": ring("consent.sweep", HOUR, "imports"),
    "eligibility": ring("accounts.customers.tasks.turn_eligibility", HOUR, "imports"),
}
