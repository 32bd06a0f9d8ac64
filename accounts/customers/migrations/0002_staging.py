"""The staging tables need not outlive a crash: a lost line is read again."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE customers_stage",
            "DROP SEQUENCE customers_stage",
        ),
        migrations.RunSQL(
            "ALTER TABLE customers_stagedaccount SET UNLOGGED",
            "ALTER TABLE customers_stagedaccount SET LOGGED",
        ),
        migrations.RunSQL(
            "ALTER TABLE customers_stagedbuyer SET UNLOGGED",
            "ALTER TABLE customers_stagedbuyer SET LOGGED",
        ),
        # Each row is updated a few times: with room beside it, no index is.
        migrations.RunSQL(
            "ALTER TABLE customers_stagedaccount SET (fillfactor = 50)",
            "ALTER TABLE customers_stagedaccount RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "ALTER TABLE customers_stagedbuyer SET (fillfactor = 50)",
            "ALTER TABLE customers_stagedbuyer RESET (fillfactor)",
        ),
    ]
