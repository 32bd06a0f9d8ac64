from django.db import migrations

# Through the door of erasure the words of a choice become empty, and where a colleague
# wrote how we know of it, a dash; who chose what and when stays as it is.
GUARD = """
CREATE OR REPLACE FUNCTION consent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    door text := current_setting('onboarding.history', true);
BEGIN
    IF TG_OP = 'TRUNCATE' AND door = 'open' THEN
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'consent_choice' AND door = 'erase' THEN
        IF to_jsonb(NEW) - 'source' - 'wording' = to_jsonb(OLD) - 'source' - 'wording'
           AND NEW.wording = '' AND NEW.source IN (OLD.source, '–') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'Consent is history: % refused on %.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION consent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE'
       AND current_setting('onboarding.history', true) = 'open' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'Consent is history: % refused on %.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_privacy")]

    operations = [migrations.RunSQL(GUARD, BEFORE)]
