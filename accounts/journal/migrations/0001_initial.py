import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

CREATE_EVENT = """
CREATE SEQUENCE journal_event_id_seq;
CREATE TABLE journal_event (
    id bigint NOT NULL DEFAULT nextval('journal_event_id_seq'),
    recorded_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    occurred_at timestamptz NOT NULL,
    account_id bigint NOT NULL,
    buyer_id bigint,
    corrects bigint,
    kind varchar(40) NOT NULL,
    source varchar(60) NOT NULL,
    key varchar(200) NOT NULL,
    cause varchar(60) NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (id, recorded_at)
) PARTITION BY RANGE (recorded_at);
ALTER SEQUENCE journal_event_id_seq OWNED BY journal_event.id;
CREATE INDEX event_account ON journal_event (account_id, kind, occurred_at);
CREATE INDEX event_buyer ON journal_event (buyer_id, kind, occurred_at)
    WHERE buyer_id IS NOT NULL;
CREATE INDEX event_when ON journal_event USING brin (occurred_at)
    WITH (pages_per_range = 32);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountProgress",
            fields=[
                ("invited_at", models.DateTimeField(null=True, verbose_name="invited")),
                (
                    "registered_at",
                    models.DateTimeField(null=True, verbose_name="registered"),
                ),
                ("logged_in_first", models.DateTimeField(null=True)),
                (
                    "logged_in_last",
                    models.DateTimeField(null=True, verbose_name="last log-in"),
                ),
                (
                    "logged_in_count",
                    models.PositiveIntegerField(default=0, verbose_name="log-ins"),
                ),
                (
                    "online_first",
                    models.DateTimeField(null=True, verbose_name="first online order"),
                ),
                (
                    "online_last",
                    models.DateTimeField(null=True, verbose_name="last online order"),
                ),
                (
                    "online_count",
                    models.PositiveIntegerField(
                        default=0, verbose_name="online orders"
                    ),
                ),
                (
                    "online_recent",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateTimeField(),
                        default=list,
                        help_text="Newest online orders, newest first, at most 12.",
                        size=None,
                    ),
                ),
                ("offline_first", models.DateTimeField(null=True)),
                (
                    "offline_last",
                    models.DateTimeField(null=True, verbose_name="last offline order"),
                ),
                (
                    "offline_count",
                    models.PositiveIntegerField(
                        default=0, verbose_name="offline orders"
                    ),
                ),
                (
                    "regular_until",
                    models.DateTimeField(null=True, verbose_name="regular until"),
                ),
                (
                    "regular_since",
                    models.DateTimeField(null=True, verbose_name="regular since"),
                ),
                (
                    "account",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="progress",
                        serialize=False,
                        to="customers.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "account's progress",
                "verbose_name_plural": "accounts' progress",
            },
        ),
        migrations.CreateModel(
            name="ChannelMonth",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "month",
                        "channel",
                        "currency",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("month", models.DateField()),
                ("channel", models.CharField(max_length=20)),
                ("currency", models.CharField(max_length=3)),
                ("orders", models.IntegerField(default=0)),
                (
                    "amount",
                    models.DecimalField(decimal_places=4, default=0, max_digits=18),
                ),
                ("credits", models.IntegerField(default=0)),
                (
                    "credited",
                    models.DecimalField(decimal_places=4, default=0, max_digits=18),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EventInbox",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "shard",
                        "event_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("shard", models.SmallIntegerField()),
                ("event_id", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="EventKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "source",
                        "key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("source", models.CharField(max_length=60)),
                ("key", models.CharField(max_length=200)),
                ("event_id", models.BigIntegerField()),
                ("digest", models.BinaryField(max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name="KindProgress",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "buyer_id",
                        "kind",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("buyer_id", models.BigIntegerField(default=0)),
                ("kind", models.CharField(max_length=40)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="BuyerProgress",
            fields=[
                ("invited_at", models.DateTimeField(null=True, verbose_name="invited")),
                (
                    "registered_at",
                    models.DateTimeField(null=True, verbose_name="registered"),
                ),
                ("logged_in_first", models.DateTimeField(null=True)),
                (
                    "logged_in_last",
                    models.DateTimeField(null=True, verbose_name="last log-in"),
                ),
                (
                    "logged_in_count",
                    models.PositiveIntegerField(default=0, verbose_name="log-ins"),
                ),
                (
                    "online_first",
                    models.DateTimeField(null=True, verbose_name="first online order"),
                ),
                (
                    "online_last",
                    models.DateTimeField(null=True, verbose_name="last online order"),
                ),
                (
                    "online_count",
                    models.PositiveIntegerField(
                        default=0, verbose_name="online orders"
                    ),
                ),
                (
                    "online_recent",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateTimeField(),
                        default=list,
                        help_text="Newest online orders, newest first, at most 12.",
                        size=None,
                    ),
                ),
                ("offline_first", models.DateTimeField(null=True)),
                (
                    "offline_last",
                    models.DateTimeField(null=True, verbose_name="last offline order"),
                ),
                (
                    "offline_count",
                    models.PositiveIntegerField(
                        default=0, verbose_name="offline orders"
                    ),
                ),
                (
                    "regular_until",
                    models.DateTimeField(null=True, verbose_name="regular until"),
                ),
                (
                    "regular_since",
                    models.DateTimeField(null=True, verbose_name="regular since"),
                ),
                (
                    "buyer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="progress",
                        serialize=False,
                        to="customers.buyer",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "buyer's progress",
                "verbose_name_plural": "buyers' progress",
            },
        ),
        migrations.CreateModel(
            name="EventConflict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("source", models.CharField(max_length=60, verbose_name="source")),
                ("key", models.CharField(max_length=200, verbose_name="key")),
                ("digest", models.BinaryField(max_length=16)),
                (
                    "on",
                    models.CharField(
                        choices=[
                            ("key", "The same key with other content"),
                            ("document", "The same document with another amount"),
                        ],
                        max_length=8,
                        verbose_name="what differs",
                    ),
                ),
                (
                    "event_id",
                    models.BigIntegerField(null=True, verbose_name="event that stands"),
                ),
                ("body", models.JSONField(verbose_name="body")),
                (
                    "seen_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="seen",
                    ),
                ),
            ],
            options={
                "verbose_name": "conflicting repeat",
                "verbose_name_plural": "conflicting repeats",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "key", "digest"), name="event_conflict_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UnmatchedEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("source", models.CharField(max_length=60, verbose_name="source")),
                ("key", models.CharField(max_length=200, verbose_name="key")),
                ("digest", models.BinaryField(max_length=16)),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                (
                    "account_number",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="customer number"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unknown_account", "No account has this number"),
                            (
                                "ambiguous_account",
                                "Several accounts could be meant by this number",
                            ),
                            ("unknown_invitation", "No such invitation"),
                            (
                                "conflict",
                                "The key was taken by other content meanwhile",
                            ),
                        ],
                        max_length=40,
                        verbose_name="reason",
                    ),
                ),
                ("body", models.JSONField(verbose_name="body")),
                (
                    "received_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="received",
                    ),
                ),
                ("matched_at", models.DateTimeField(null=True, verbose_name="matched")),
                (
                    "dismissed_at",
                    models.DateTimeField(null=True, verbose_name="dismissed"),
                ),
                ("event_id", models.BigIntegerField(null=True, verbose_name="event")),
            ],
            options={
                "verbose_name": "unmatched event",
                "verbose_name_plural": "unmatched events",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("dismissed_at__isnull", True), ("matched_at__isnull", True)
                        ),
                        fields=["id"],
                        name="unmatched_event_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "key"), name="unmatched_event_unique"
                    )
                ],
            },
        ),
        # Partitioned, which Django cannot create: the statements say the same as the
        # model, but for the primary key, which must contain the partition key.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(CREATE_EVENT, "DROP TABLE journal_event CASCADE"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "recorded_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="recorded",
                            ),
                        ),
                        ("occurred_at", models.DateTimeField(verbose_name="when")),
                        ("kind", models.CharField(max_length=40, verbose_name="kind")),
                        (
                            "source",
                            models.CharField(max_length=60, verbose_name="source"),
                        ),
                        ("key", models.CharField(max_length=200, verbose_name="key")),
                        (
                            "cause",
                            models.CharField(
                                blank=True, max_length=60, verbose_name="cause"
                            ),
                        ),
                        (
                            "corrects",
                            models.BigIntegerField(
                                null=True, verbose_name="corrects event"
                            ),
                        ),
                        (
                            "data",
                            models.JSONField(default=dict, verbose_name="details"),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.account",
                                verbose_name="account",
                            ),
                        ),
                        (
                            "buyer",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.buyer",
                                verbose_name="buyer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "event",
                        "verbose_name_plural": "journal",
                        "ordering": ("-id",),
                        "base_manager_name": "objects",
                        "indexes": [
                            models.Index(
                                fields=["account", "kind", "occurred_at"],
                                name="event_account",
                            ),
                            models.Index(
                                condition=models.Q(("buyer__isnull", False)),
                                fields=["buyer", "kind", "occurred_at"],
                                name="event_buyer",
                            ),
                            django.contrib.postgres.indexes.BrinIndex(
                                fields=["occurred_at"],
                                name="event_when",
                                pages_per_range=32,
                            ),
                        ],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="EventPoison",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("event_id", models.BigIntegerField(verbose_name="event")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("reaction", models.CharField(max_length=100, verbose_name="reaction")),
                ("error", models.TextField(verbose_name="error")),
                (
                    "failed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="failed",
                    ),
                ),
                (
                    "retried_at",
                    models.DateTimeField(null=True, verbose_name="last retried"),
                ),
                ("settled_at", models.DateTimeField(null=True, verbose_name="settled")),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.account",
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "event set aside",
                "verbose_name_plural": "events set aside",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("event_id", "reaction"), name="event_poison_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UnknownBuyer",
            fields=[
                (
                    "event_id",
                    models.BigIntegerField(
                        primary_key=True, serialize=False, verbose_name="event"
                    ),
                ),
                (
                    "email_key",
                    models.CharField(
                        blank=True, max_length=254, verbose_name="e-mail address"
                    ),
                ),
                (
                    "external_id",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="store or ERP id"
                    ),
                ),
                (
                    "invitation",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="invitation"
                    ),
                ),
                (
                    "seen_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="reported",
                    ),
                ),
                (
                    "attached_at",
                    models.DateTimeField(null=True, verbose_name="attached"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "buyer",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.buyer",
                        verbose_name="buyer",
                    ),
                ),
            ],
            options={
                "verbose_name": "event of an unknown buyer",
                "verbose_name_plural": "events of unknown buyers",
                "ordering": ("-event_id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("attached_at__isnull", True)),
                        fields=["event_id"],
                        name="unknown_buyer_open",
                    )
                ],
            },
        ),
    ]
