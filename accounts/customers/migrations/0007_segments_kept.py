from django.db import migrations, models

# What an account's segment was is kept by the database itself, so that no way of
# changing it can be forgotten; see `AccountFact`.
KEEP = """
CREATE FUNCTION customers_keep_segment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO customers_accountfact
        (account_id, kind, value, reason, valid_from, valid_until, source)
    SELECT OLD.id, 'segment', OLD.segment, '',
           coalesce(max(valid_until), OLD.created_at), clock_timestamp(), ''
    FROM customers_accountfact WHERE account_id = OLD.id AND kind = 'segment';
    RETURN NULL;
END
$$;
CREATE TRIGGER customers_segment_kept AFTER UPDATE OF segment ON customers_account
    FOR EACH ROW WHEN (OLD.segment <> '' AND OLD.segment <> NEW.segment)
    EXECUTE FUNCTION customers_keep_segment();
"""

FORGET = """
DROP TRIGGER customers_segment_kept ON customers_account;
DROP FUNCTION customers_keep_segment();
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_apply_imports")]
    operations = [
        migrations.AlterField(
            model_name="accountfact",
            name="kind",
            field=models.CharField(
                choices=[
                    ("eligible", "May order online"),
                    ("key", "Key account"),
                    ("rep", "Sales rep"),
                    ("segment", "Segment"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.RunSQL(KEEP, FORGET),
    ]
