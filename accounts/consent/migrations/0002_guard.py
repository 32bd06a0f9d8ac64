from django.db import migrations

# As in the journal, onboarding.history = 'open' lets tests empty the tables.
# Nothing opens it to changes: what a choice says of a person goes with her buyer row.
GUARD = """
CREATE FUNCTION consent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE'
       AND current_setting('onboarding.history', true) = 'open' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'Consent is history: % refused on %.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER consent_guard BEFORE UPDATE OR DELETE ON consent_choice
    FOR EACH ROW EXECUTE FUNCTION consent_guard();
CREATE TRIGGER consent_guard_truncate BEFORE TRUNCATE ON consent_choice
    FOR EACH STATEMENT EXECUTE FUNCTION consent_guard();
-- A suppressed address may be lifted, for a reason, but is never forgotten.
CREATE TRIGGER consent_guard BEFORE DELETE ON consent_suppression
    FOR EACH ROW EXECUTE FUNCTION consent_guard();
CREATE TRIGGER consent_guard_truncate BEFORE TRUNCATE ON consent_suppression
    FOR EACH STATEMENT EXECUTE FUNCTION consent_guard();
"""

UNGUARD = """
DROP TRIGGER consent_guard_truncate ON consent_suppression;
DROP TRIGGER consent_guard ON consent_suppression;
DROP TRIGGER consent_guard_truncate ON consent_choice;
DROP TRIGGER consent_guard ON consent_choice;
DROP FUNCTION consent_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
