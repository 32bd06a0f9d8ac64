from django.db import migrations

# Notices first: somebody waits for a confirmation. Campaigns in any order, so that a
# big one does not hold up the small ones; those that do not run cost nothing.
#
# Only ever by the index. PostgreSQL counted the queue when one campaign filled it, or
# when it was nearly empty; going by that it would read all of it once for each campaign
# that runs, or all that is due to take a few.
DUE = """
CREATE FUNCTION sequences_due(at timestamptz, most bigint)
RETURNS SETOF bigint LANGUAGE plpgsql VOLATILE ROWS 500
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
    RETURN QUERY
    WITH notice AS MATERIALIZED (
        SELECT delivery_id FROM sequences_queued
        WHERE campaign_id IS NULL AND due_at <= at
        ORDER BY due_at, delivery_id LIMIT most
        FOR UPDATE SKIP LOCKED
    ), step AS MATERIALIZED (
        SELECT waiting.delivery_id
        FROM (SELECT id FROM sequences_campaign WHERE state = 'running'
              ORDER BY random()) AS campaign
        CROSS JOIN LATERAL (
            SELECT delivery_id FROM sequences_queued
            WHERE campaign_id = campaign.id AND due_at <= at
            ORDER BY due_at, delivery_id LIMIT most
            FOR UPDATE SKIP LOCKED
        ) AS waiting
        LIMIT most
    )
    SELECT delivery_id FROM (TABLE notice UNION ALL TABLE step) AS due LIMIT most;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("sequences", "0011_send_campaign_label")]

    operations = [
        migrations.RunSQL(DUE, "DROP FUNCTION sequences_due(timestamptz, bigint)")
    ]
