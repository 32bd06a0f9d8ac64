"""Keeps beside each measured message what figures ask of it: which opening, and which
click, was least likely a machine's. Figures of a million messages read one row each.

The row is locked before its reports are counted: of two who note something about one
message at a time, the later one sees both.
"""

from collections.abc import Collection

from django.db import connection

#: Whoever is at least so likely a machine is counted as one.
LINE = 50

_LOCK = """
    SELECT FROM sequences_measureddelivery WHERE delivery_id = ANY(%(ids)s)
    ORDER BY delivery_id FOR NO KEY UPDATE
"""
RECOUNT = """
    SELECT delivery_id,
           min(coalesce(machine, 100)) FILTER (WHERE kind = 'opened') AS opened,
           min(coalesce(machine, 100)) FILTER (WHERE kind = 'clicked') AS clicked
    FROM feedback_report
    WHERE kind IN ('opened', 'clicked') AND delivery_id {which}
    GROUP BY delivery_id
"""
_SUM = f"""
    UPDATE sequences_measureddelivery AS measured
    SET opened = told.opened, clicked = told.clicked
    FROM ({RECOUNT.format(which="= ANY(%(ids)s)")}) AS told
    WHERE measured.delivery_id = told.delivery_id
      AND (measured.opened, measured.clicked)
          IS DISTINCT FROM (told.opened, told.clicked)
"""  # noqa: S608 - constants of ours


def sum_up(deliveries: Collection[int]) -> None:
    """Inside the transaction that noted something about *deliveries*."""
    if not deliveries:
        return
    values = {"ids": sorted(deliveries)}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, values)
        cursor.execute(_SUM, values)
