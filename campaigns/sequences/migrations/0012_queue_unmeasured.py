from django.db import migrations

# PostgreSQL counts what is in the queue now and then, perhaps while one campaign fills
# it or nobody does. Believing that, it reads the whole queue for each campaign that
# runs. Without statistics it takes the index, which is right at any time. To change a
# type, even to what it was, drops those there are.
FORGET = """
ALTER TABLE sequences_queued
    ALTER COLUMN campaign_id SET STATISTICS 0,
    ALTER COLUMN campaign_id TYPE bigint,
    ALTER COLUMN due_at SET STATISTICS 0,
    ALTER COLUMN due_at TYPE timestamp with time zone;
"""
MEASURE = """
ALTER TABLE sequences_queued
    ALTER COLUMN campaign_id SET STATISTICS -1,
    ALTER COLUMN due_at SET STATISTICS -1;
"""


class Migration(migrations.Migration):
    dependencies = [("sequences", "0011_send_campaign_label")]

    operations = [migrations.RunSQL(FORGET, MEASURE)]
