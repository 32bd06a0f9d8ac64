"""No more than so many commercial messages to one address within seven days.

A part of the last look, which commits what it lets pass as *sending*. The function
locks the addresses and counts with a snapshot taken after that: of two senders that
look at one address at once, the second sees what the first let pass. Without a cap
nothing of it runs.
"""

#: Turns ``weighed`` (id, epoch, why, purpose, address_hash, reason) into ``judged``.
#: Of several to one address in the same chunk, those that go count one another.
JUDGED = """
    counted AS MATERIALIZED (
        SELECT address, number FROM sequences_recent_mail(
            (SELECT array_agg(address_hash) FROM weighed
             WHERE reason = '' AND purpose = 'marketing'
               AND (SELECT weekly_cap FROM sequences_sendingrules) IS NOT NULL),
            %(at)s::timestamptz - interval '7 days') AS mail (address, number)
    ), judged AS MATERIALIZED (
        SELECT weighed.id, weighed.epoch, weighed.why, CASE
            WHEN weighed.reason = '' AND weighed.purpose = 'marketing'
                 AND counted.number + row_number() OVER (
                    PARTITION BY weighed.address_hash, weighed.purpose, weighed.reason
                    ORDER BY weighed.id)
                 > (SELECT weekly_cap FROM sequences_sendingrules)
            THEN 'capped' ELSE weighed.reason END AS reason
        FROM weighed LEFT JOIN counted ON counted.address = weighed.address_hash
    )
"""
