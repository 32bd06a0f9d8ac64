"""Bringing reports to the API: at once, and again as long as it gives no answer."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from . import api
from .api import Answer
from .shelf import Report, Shelf

LONGEST = 300


def deliver(shelf: Shelf) -> bool:
    """Send what waits, oldest first; False while it still has to wait."""
    waiting = [report for report in reversed(shelf.reports) if _waits(report)]
    if not waiting:
        return True
    answer = api.post_events([report.event for report in waiting])
    results = iter(_settle(waiting, answer))
    settled = [
        next(results) if _waits(report) else report
        for report in reversed(shelf.reports)
    ]
    shelf.reports = settled[::-1]
    return answer.is_final


def _waits(report: Report) -> bool:
    return report.state == "waiting"


def _settle(waiting: list[Report], answer: Answer) -> list[Report]:
    if not answer.is_final:
        detail = f"HTTP {answer.status}" if answer.status else ""
        return [replace(report, detail=detail) for report in waiting]
    if answer.status != HTTPStatus.OK:
        detail = f"HTTP {answer.status}: {answer.body}"[:LONGEST]
        return [replace(each, state="refused", detail=detail) for each in waiting]
    results = answer.body["results"]
    return [
        replace(report, state=result["result"], detail=_say(result))
        for report, result in zip(waiting, results, strict=True)
    ]


def _say(result: dict[str, Any]) -> str:
    return " ".join(problem["message"] for problem in result["problems"])[:LONGEST]
