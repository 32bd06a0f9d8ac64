"""django-import-export as a peer: defaults, and what its documentation advises."""

from typing import Any

from import_export import fields, resources, widgets

from accounts.customers import countries, zones
from accounts.customers.models import Account, Buyer

ACCOUNT = {
    "number": "customer_number",
    "name": "company",
    "city": "city",
    "country": "country",
    "segment": "segment",
    "annual_value": "annual_revenue",
    "customer_since": "customer_since",
}
BUYER = {
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "phone": "phone",
}


class Country(widgets.CharWidget):
    def clean(self, value: Any, row: Any = None, **options: Any) -> str:
        return countries.code_for(value)


class Common(resources.ModelResource):
    """``clean_model_instances`` runs the validators of the model."""


def account_resource(*, tuned: bool) -> Common:
    class AccountResource(Common):
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
            fields = tuple(ACCOUNT)
            clean_model_instances = True
            skip_unchanged = tuned
            use_bulk = tuned
            batch_size = 1_000
            skip_diff = tuned
            report_skipped = not tuned

        def before_save_instance(self, instance: Any, row: Any, **options: Any) -> None:
            # What save() would do; bulk operations do not call it.
            instance.number_key = instance.number.casefold()
            instance.time_zone = zones.zone_for(instance.country)

    return AccountResource()


def buyer_resource(*, tuned: bool) -> Common:
    class BuyerResource(Common):
        account = fields.Field(
            "account",
            "customer_number",
            widgets.ForeignKeyWidget(Account, "number"),
        )

        class Meta:
            model = Buyer
            import_id_fields = ("account", "email")
            fields = ("account", *BUYER)
            clean_model_instances = True
            skip_unchanged = tuned
            use_bulk = tuned
            batch_size = 1_000
            skip_diff = tuned
            report_skipped = not tuned

        def after_init_instance(
            self, instance: Any, new: bool, row: Any, **options: Any
        ) -> None:
            instance.language = "es"

        def before_save_instance(self, instance: Any, row: Any, **options: Any) -> None:
            instance.keep_address()

    return BuyerResource()
