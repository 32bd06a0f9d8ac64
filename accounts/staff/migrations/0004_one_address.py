"""A user has one address, her own: none that she once added by herself opens."""

from django.db import migrations

FORGET = """
    DELETE FROM account_emailaddress kept USING staff_user owner
     WHERE kept.user_id = owner.id AND lower(kept.email) <> lower(owner.email)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0003_changes"),
        ("account", "0001_initial"),
    ]

    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
