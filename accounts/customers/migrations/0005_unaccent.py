"""Names are searched without accents. The extension is trusted since PostgreSQL 13:
whoever owns the database may create it."""

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_import_holding")]
    operations = [UnaccentExtension()]
