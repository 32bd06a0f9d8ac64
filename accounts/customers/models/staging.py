"""Lines on their way into accounts and buyers; empty when nothing is under way.

Two unlogged tables without foreign keys, filled by COPY and read by
`customers.upserts` only. A row belongs to a *stage*: a number drawn for one reading
of one file, or for one call of the API. NULL means that the line does not say.
"""

from django.db import models


class Staged(models.Model):
    """What both tables have: where a row comes from, and what became of it.

    ``line`` is the line of the file or the index in the call. ``action`` is one of
    `upserts.Action`; ``before`` and ``after`` hold the fields that change.
    """

    id = models.BigAutoField(primary_key=True)
    stage = models.BigIntegerField()
    line = models.IntegerField()
    number_key = models.CharField(max_length=40)
    action = models.CharField(max_length=8, null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.stage}:{self.line}"


class StagedAccount(Staged):
    account_id = models.BigIntegerField(null=True)
    number = models.CharField(max_length=40)
    name = models.CharField(max_length=200, null=True)
    segment = models.CharField(max_length=60, null=True)
    is_key = models.BooleanField(null=True)
    city = models.CharField(max_length=100, null=True)
    country = models.CharField(max_length=2, null=True)
    language = models.CharField(max_length=5, null=True)
    time_zone = models.CharField(max_length=64, null=True)
    country_zone = models.CharField(max_length=64, null=True)
    rep_code = models.CharField(max_length=60, null=True)
    rep_id = models.BigIntegerField(null=True)
    annual_value = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    customer_since = models.DateField(null=True)
    eligible = models.BooleanField(null=True)
    ineligible_reason = models.CharField(max_length=200, null=True)
    ineligible_from = models.DateField(null=True)
    ineligible_until = models.DateField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["stage", "number_key", "id"], name="staged_account_number"
            ),
        )


class StagedBuyer(Staged):
    """``split_name``: first and last name were guessed from a full name."""

    account_id = models.BigIntegerField(null=True)
    buyer_id = models.BigIntegerField(null=True)
    external_id = models.CharField(max_length=60, null=True)
    email = models.CharField(max_length=254, null=True)
    email_key = models.CharField(max_length=254, null=True)
    address_hash = models.BinaryField(null=True)
    first_name = models.CharField(max_length=100, null=True)
    last_name = models.CharField(max_length=100, null=True)
    split_name = models.BooleanField(default=False)
    phone = models.CharField(max_length=40, null=True)
    language = models.CharField(max_length=5, null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["stage", "number_key", "id"], name="staged_buyer_number"
            ),
        )
