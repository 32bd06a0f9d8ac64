"""How much a statement does, by PostgreSQL's own account of its plan."""

from contextlib import contextmanager

from django.db import connection


@contextmanager
def counted(words):
    """Fills a list with the rows that each statement with *words* in it touches.

    Each runs twice, within a transaction: once to be looked at, and taken back.
    """
    rows = []

    def explain(execute, sql, params, many, context):
        if words in sql:
            execute("SAVEPOINT looked_at", None, False, context)
            execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params, many, context)
            [(plans,)] = context["cursor"].fetchall()
            execute("ROLLBACK TO SAVEPOINT looked_at", None, False, context)
            rows.append(_rows_of(plans[0]["Plan"]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield rows


def _rows_of(plan):
    """Rows that the nodes of a plan gave, or read or compared in vain."""
    each = plan["Actual Rows"] + sum(
        plan.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Join Filter")
    )
    return each * plan["Actual Loops"] + sum(map(_rows_of, plan.get("Plans", ())))
