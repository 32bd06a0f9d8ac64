"""What was so at an earlier moment: who was told of training, who was barred."""

#: When which company was told: (account_id, at). Needs ``span`` (first, last) before.
#: Of up to two mails the progress knows the moments, of more the journal does.
TOLD = """
        SELECT mails.account_id, own.at
        FROM journal_kindprogress AS mails CROSS JOIN LATERAL (
            VALUES (mails.first_at), (mails.last_at)
            UNION
            SELECT event.occurred_at FROM journal_event AS event
            WHERE mails.count > 2 AND event.account_id = mails.account_id
              AND event.kind = mails.kind
        ) AS own (at), (
            SELECT min(first) - %(told_before)s AS first, max(last) AS last FROM span
        ) AS whole
        WHERE mails.kind = %(told)s AND mails.buyer_id = 0
          AND mails.first_at <= whole.last AND mails.last_at >= whole.first
          AND own.at BETWEEN whole.first AND whole.last
"""

#: Between which moments a company might not order online: (account_id, lo, hi). Before
#: it came to us it is taken as it was at the end of its first day here.
BARRED = """
        SELECT account_id, CASE WHEN valid_from > evening THEN valid_from
                                ELSE '-infinity' END AS lo, hi
        FROM customers_accountfact AS fact
        JOIN customers_account AS account ON account.id = fact.account_id,
        LATERAL (SELECT date_trunc('day', created_at) + interval '1 day' AS evening,
                        coalesce(valid_until, 'infinity') AS hi) AS own
        WHERE kind = 'eligible' AND hi > evening
"""
