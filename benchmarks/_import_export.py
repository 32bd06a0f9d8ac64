"""django-import-export as a peer: as it comes, and as tuned as its options allow.

Tuned means: rows loaded and related accounts looked up once, checks in the widgets
instead of a query for every constraint of every row, no diff, bulk writes.
"""

from typing import Any

from import_export import fields, instance_loaders, resources, widgets

from accounts.customers import addresses, countries, numbers, zones
from accounts.customers.models import Account, Buyer


class Country(widgets.CharWidget):
    def clean(self, value: Any, row: Any = None, **options: Any) -> str:
        return countries.code_for(value)


class KnownAccount(widgets.ForeignKeyWidget):
    """Looks its accounts up once for the whole file."""

    def __init__(self) -> None:
        super().__init__(Account, "number")
        self.known: dict[str, Account] = {}

    def clean(self, value: Any, row: Any = None, **options: Any) -> Account:
        if not self.known:
            self.known = {account.number: account for account in Account.objects.all()}
        return self.known[value]


class Accounts(resources.ModelResource):
    number = fields.Field("number", "customer_number")
    name = fields.Field("name", "company")
    country = fields.Field("country", "country", Country())
    annual_value = fields.Field(
        "annual_value", "annual_revenue", widgets.DecimalWidget()
    )
    customer_since = fields.Field(
        "customer_since", "customer_since", widgets.DateWidget()
    )

    class Meta:
        model = Account
        import_id_fields = ("number",)
        fields = (
            *("number", "name", "city", "country", "segment"),
            *("annual_value", "customer_since"),
        )
        clean_model_instances = True

    def before_save_instance(self, instance: Any, row: Any, **options: Any) -> None:
        # What save() would do; bulk operations do not call it.
        instance.number_key = numbers.key_of(instance.number)
        instance.time_zone = zones.zone_for(instance.country)


class Buyers(resources.ModelResource):
    account = fields.Field(
        "account", "customer_number", widgets.ForeignKeyWidget(Account, "number")
    )

    class Meta:
        model = Buyer
        import_id_fields = ("account", "email")
        fields = ("account", "first_name", "last_name", "email", "phone")
        clean_model_instances = True

    def after_init_instance(
        self, instance: Any, new: bool, row: Any, **options: Any
    ) -> None:
        instance.language = "es"

    def before_save_instance(self, instance: Any, row: Any, **options: Any) -> None:
        instance.keep_address()


class Tuned:
    clean_model_instances = False
    instance_loader_class = instance_loaders.CachedInstanceLoader
    use_bulk = True
    batch_size = 1_000
    skip_diff = True
    skip_unchanged = True
    report_skipped = False


class TunedAccounts(Accounts):
    class Meta(Accounts.Meta, Tuned):
        clean_model_instances = False


class TunedBuyers(Buyers):
    account = fields.Field("account", "customer_number", KnownAccount())

    class Meta(Buyers.Meta, Tuned):
        clean_model_instances = False
        # One key only can be cached; addresses are distinct in this file.
        import_id_fields = ("email",)

    def skip_row(self, instance: Any, original: Any, row: Any, *rest: Any) -> bool:
        try:
            instance.keep_address()
        except addresses.BadAddress:
            self.refused = getattr(self, "refused", 0) + 1
            return True
        return bool(super().skip_row(instance, original, row, *rest))


def resources_for(*, tuned: bool) -> tuple[Any, Any]:
    return (TunedAccounts(), TunedBuyers()) if tuned else (Accounts(), Buyers())
