from django.db import migrations

# Through the door of erasure details go, a key that held an address becomes a keyed
# hash, and nothing else changes: neither what happened, nor to which number, nor when.
GUARD = """
CREATE OR REPLACE FUNCTION journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    door text := current_setting('onboarding.history', true);
BEGIN
    IF TG_OP = 'UPDATE' AND door = 'erase' THEN
        IF to_jsonb(NEW) - 'data' - 'key' = to_jsonb(OLD) - 'data' - 'key'
           AND OLD.data @> NEW.data
           AND (NEW.key = OLD.key OR NEW.key LIKE 'erased:%') THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'The journal is append-only: erasure blanks, and no more.'
            USING ERRCODE = 'restrict_violation';
    ELSIF TG_OP = 'TRUNCATE' AND door = 'open' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The journal is append-only: % refused on %.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_events")]

    operations = [migrations.RunSQL(GUARD, BEFORE)]
