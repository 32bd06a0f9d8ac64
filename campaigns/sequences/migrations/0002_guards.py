from django.db import migrations

# Which changes of state there are: campaigns/sequences/states.py, held against this
# by a test. The WHEN clauses let a permitted change pass without calling a function.
GUARD = """
CREATE FUNCTION sequences_delivery_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Deliveries are never deleted.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RAISE EXCEPTION 'Delivery % cannot go from % to %.', OLD.id, OLD.state, NEW.state
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER sequences_delivery_states BEFORE UPDATE OF state ON sequences_delivery
    FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state
          AND OLD.state || '>' || NEW.state NOT IN (
              'planned>claimed', 'planned>skipped',
              'claimed>planned', 'claimed>sending', 'claimed>skipped', 'claimed>failed',
              'sending>sent', 'sending>failed', 'sending>unknown',
              'sending>planned', 'sending>skipped',
              'unknown>sent', 'unknown>failed', 'unknown>planned'))
    EXECUTE FUNCTION sequences_delivery_refuse();
CREATE TRIGGER sequences_delivery_stays BEFORE DELETE ON sequences_delivery
    FOR EACH ROW EXECUTE FUNCTION sequences_delivery_refuse();
"""

UNGUARD = """
DROP TRIGGER sequences_delivery_stays ON sequences_delivery;
DROP TRIGGER sequences_delivery_states ON sequences_delivery;
DROP FUNCTION sequences_delivery_refuse();
"""

# Each row is updated three or four times within seconds.
TUNE = """
ALTER TABLE sequences_delivery SET
    (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE sequences_enrolment SET
    (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
"""


class Migration(migrations.Migration):
    dependencies = [("sequences", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunSQL(TUNE, migrations.RunSQL.noop),
    ]
