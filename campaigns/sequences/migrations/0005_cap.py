from django.db import migrations

# Locks first, counts then: each statement of a VOLATILE function sees what was
# committed until it began, so the count is younger than the locks. Held until the
# caller's transaction ends. Sorted, so that two callers cannot wait for each other.
COUNT = """
CREATE FUNCTION sequences_recent_mail(addresses bytea[], since timestamptz)
RETURNS TABLE (address bytea, number bigint) LANGUAGE plpgsql VOLATILE ROWS 64 AS $$
BEGIN
    IF addresses IS NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(1667330417, sorted.key)
    FROM (SELECT DISTINCT ('x' || substr(encode(one, 'hex'), 1, 8))::bit(32)::int AS key
          FROM unnest(addresses) AS given (one) ORDER BY key) AS sorted;
    RETURN QUERY
    SELECT given.one, (
        SELECT count(*)
        FROM customers_buyer AS buyer
        JOIN sequences_delivery AS delivery ON delivery.buyer_id = buyer.id
        JOIN campaign_messages_messageversion AS version
            ON version.id = delivery.message_version_id
        WHERE buyer.address_hash = given.one AND delivery.address_hash = given.one
          AND version.purpose = 'marketing'
          AND (delivery.state = 'sending'
               OR (delivery.state IN ('sent', 'unknown')
                   AND coalesce(delivery.sent_at, delivery.settled_at) > since)))
    FROM (SELECT DISTINCT one FROM unnest(addresses) AS many (one)) AS given;
END
$$;
INSERT INTO sequences_sendingrules
    (singleton, weekly_cap, bounce_warn, bounce_stop, complaint_warn, complaint_stop,
     failure_warn, failure_stop)
VALUES (true, 5, 5, 8, 0.1, 0.3, 5, 10);
"""

UNCOUNT = """
DELETE FROM sequences_sendingrules;
DROP FUNCTION sequences_recent_mail(bytea[], timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("sequences", "0004_brakes")]

    operations = [migrations.RunSQL(COUNT, UNCOUNT)]
