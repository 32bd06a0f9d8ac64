"""New accounts and buyers: what waited for them may find its place now."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.customers.models import Account, Buyer
from accounts.customers.signals import customers_written

from . import doorbell


@receiver(customers_written)
def match_after_writing(sender: Any, **kwargs: Any) -> None:
    doorbell.ring_on_commit(doorbell.MATCH)


@receiver(post_save, sender=Account)
@receiver(post_save, sender=Buyer)
def match_after_entry(sender: Any, created: bool, **kwargs: Any) -> None:
    if created:
        doorbell.ring_on_commit(doorbell.MATCH)
