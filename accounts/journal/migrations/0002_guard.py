from django.db import migrations

# The setting onboarding.history opens what is closed otherwise: 'erase' to the erasure
# of a person, who is blanked and not deleted; 'open' lets tests empty the table
# between them. Nothing deletes single events.
GUARD = """
CREATE FUNCTION journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    door text := current_setting('onboarding.history', true);
BEGIN
    IF TG_OP = 'UPDATE' AND door = 'erase' THEN
        RETURN NEW;
    ELSIF TG_OP = 'TRUNCATE' AND door = 'open' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The journal is append-only: % refused on %.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
-- Row triggers of the parent are cloned onto every partition, those for TRUNCATE
-- are not: accounts/journal/partitions.py adds them.
CREATE TRIGGER journal_guard BEFORE UPDATE OR DELETE ON journal_event
    FOR EACH ROW EXECUTE FUNCTION journal_guard();
CREATE TRIGGER journal_guard_truncate BEFORE TRUNCATE ON journal_event
    FOR EACH STATEMENT EXECUTE FUNCTION journal_guard();
"""

UNGUARD = """
DROP TRIGGER journal_guard_truncate ON journal_event;
DROP TRIGGER journal_guard ON journal_event;
DROP FUNCTION journal_guard() CASCADE;
"""

# The inbox is a queue: as good as empty, but with many dead rows; and a progress row
# is updated in place as long as its page has room.
TUNE = """
ALTER TABLE journal_eventinbox SET
    (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
ALTER TABLE journal_buyerprogress SET (fillfactor = 80);
ALTER TABLE journal_accountprogress SET (fillfactor = 80);
ALTER TABLE journal_kindprogress SET (fillfactor = 80);
ALTER TABLE journal_channelmonth SET (fillfactor = 80);
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunSQL(TUNE, migrations.RunSQL.noop),
    ]
