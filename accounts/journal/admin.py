"""The journal in the admin: to be read; what waits for a person can be acted on."""

import json
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.customers.admin import AccountAdmin, BuyerAdmin, when
from accounts.staff.readonly import ReadOnly

from . import clock, kinds, lists, matching, poison, sources, timeline, unmatched
from .filters import (
    DaysFilter,
    KindFilter,
    PoisonState,
    SourceFilter,
    StrangerState,
    UnmatchedState,
)
from .models import (
    Event,
    EventConflict,
    EventPoison,
    UnknownBuyer,
    UnmatchedEvent,
)

AccountAdmin.change_form_after_template = "admin/journal/parts/moments.html"
BuyerAdmin.change_form_after_template = "admin/journal/parts/moments.html"


class Waiting(ReadOnly):
    """Rows to be read; *settle* is the permission to act on what waits."""

    list_per_page = 50
    list_filter_submit = True
    sortable_by = ()
    actions: Any = None

    def has_settle_permission(self, request: HttpRequest) -> bool:
        name = f"{self.opts.app_label}.change_{self.opts.model_name}"
        return request.user.has_perm(name)

    @admin.display(description=_("kind"))
    def kind_(self, row: Any) -> str:
        return str(kinds.label(row.kind))

    @admin.display(description=_("source"))
    def source_(self, row: Any) -> str:
        return sources.label(row.source)

    @admin.display(description=_("event"))
    def event_(self, row: Any) -> SafeString | str:
        return link_to_event(row.event_id)

    @admin.display(description=_("account"))
    def account_(self, row: Any) -> SafeString | str:
        return _link("customers_account", row.account_id, row.account)

    @admin.display(description=_("buyer"))
    def buyer_(self, row: Any) -> SafeString | str:
        return _link("customers_buyer", row.buyer_id, row.buyer)


def link_to_event(event_id: int | None) -> SafeString | str:
    return _link("journal_event", event_id, event_id) if event_id else "–"


def _link(page: str, pk: int | None, text: Any) -> SafeString | str:
    if pk is None:
        return "–"
    try:
        return format_html(
            '<a href="{}">{}</a>', reverse(f"admin:{page}_change", args=[pk]), text
        )
    except NoReverseMatch:
        return str(text)


def _time(name: str, label: Any) -> Any:
    """A column with an instant and its zone."""

    @admin.display(description=label)
    def show(self: Any, row: Any) -> str:
        return when(getattr(row, name))

    return show


@admin.register(Event)
class EventAdmin(Waiting):
    list_display = ("happened", "kind_", "account_", "buyer_", "what", "source_")
    list_filter = (
        KindFilter,
        SourceFilter,
        ("recorded_at", DaysFilter),
        ("occurred_at", DaysFilter),
    )
    list_select_related = ("account", "buyer")
    list_before_template = "admin/journal/parts/events_head.html"
    paginator = lists.NewestPages
    search_fields = ("id",)
    search_help_text = _("Customer number, company, last name, whole e-mail address")
    ordering = ("-id",)
    fields = (
        *("happened", "recorded", "kind_", "account_", "buyer_", "details"),
        *("source_", "key", "cause", "corrects_"),
    )
    readonly_fields = fields

    happened = _time("occurred_at", _("when"))
    recorded = _time("recorded_at", _("recorded"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        return lists.search(queryset, search_term), False

    def lookup_allowed(
        self, lookup: str, value: str, request: HttpRequest | None = None
    ) -> bool:
        """The pages of accounts and buyers lead here."""
        if lookup in {"account", "buyer"}:
            return True
        return super().lookup_allowed(lookup, value, request)  # type: ignore[no-any-return]

    @admin.display(description=_("what"))
    def what(self, event: Event) -> str:
        moment = timeline.moment_of(event, None)
        parts = [moment.channel, _money(moment.amount, moment.currency)]
        return " · ".join(str(part) for part in (*parts, moment.document) if part)

    @admin.display(description=_("details"))
    def details(self, event: Event) -> SafeString:
        return _pretty(event.data)

    @admin.display(description=_("corrects event"))
    def corrects_(self, event: Event) -> SafeString | str:
        return link_to_event(event.corrects)


def _money(amount: Decimal | None, currency: str) -> str:
    if amount is None:
        return ""
    return f"{number_format(amount, 2, force_grouping=True)} {currency}".strip()


def _pretty(data: Any) -> SafeString:
    text = json.dumps(data, indent=2, ensure_ascii=False)
    return format_html('<pre style="white-space: pre-wrap">{}</pre>', text)


@admin.register(UnmatchedEvent)
class UnmatchedEventAdmin(Waiting):
    list_display = (
        *("received", "number", "kind_", "what", "why", "source_", "event_"),
    )
    list_filter = (
        UnmatchedState,
        ("reason", ChoicesDropdownFilter),
        KindFilter,
        SourceFilter,
        ("received_at", DaysFilter),
    )
    list_before_template = "admin/journal/parts/unmatched_head.html"
    search_fields = ("account_number", "key")
    search_help_text = _("Customer number, or the sender's key")
    ordering = ("-id",)
    actions = ("match_again", "dismiss")
    fields = (
        *("received", "kind_", "number", "why", "body_", "source_", "key"),
        *("event_", "matched", "dismissed"),
    )
    readonly_fields = fields

    received = _time("received_at", _("received"))
    matched = _time("matched_at", _("matched"))
    dismissed = _time("dismissed_at", _("dismissed"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {}), "most_missed": _most_missed()}
        response: HttpResponse = super().changelist_view(request, context)
        return response

    @admin.display(description=_("customer number"), ordering="account_number")
    def number(self, row: UnmatchedEvent) -> str:
        """As it was reported; the column holds it folded, to be found by."""
        given = row.body.get("account")
        return given if isinstance(given, str) else row.account_number

    @admin.display(description=_("reason"))
    def why(self, row: UnmatchedEvent) -> str:
        return row.get_reason_display()

    @admin.display(description=_("what"))
    def what(self, row: UnmatchedEvent) -> str:
        data = row.body.get("data", {})
        money = _money(timeline.amount_of(data), data.get("currency", ""))
        return " · ".join(part for part in (money, data.get("document", "")) if part)

    @admin.display(description=_("body"))
    def body_(self, row: UnmatchedEvent) -> SafeString:
        return _pretty(row.body)

    @admin.action(
        description=_("Match what waits again, all of it"), permissions=["settle"]
    )
    def match_again(
        self, request: HttpRequest, queryset: QuerySet[UnmatchedEvent]
    ) -> None:
        found = matching.match_again(clock.now())
        text = ngettext(
            "%(count)d event found its account.",
            "%(count)d events found their accounts.",
            found.events,
        )
        self.message_user(request, text % {"count": found.events})

    @admin.action(description=_("Dismiss: not ours"), permissions=["settle"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[UnmatchedEvent]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        count = unmatched.dismiss(ids, clock.now())
        text = ngettext(
            "%(count)d event dismissed.", "%(count)d events dismissed.", count
        )
        self.message_user(request, text % {"count": count})


def _most_missed() -> list[dict[str, Any]]:
    """The unknown numbers that most events wait for."""
    waiting = UnmatchedEvent.objects.filter(matched_at=None, dismissed_at=None)
    numbers = waiting.exclude(account_number="").values("account_number")
    counted = numbers.annotate(events=Count("id"), latest=Max("received_at"))
    return [dict(row) for row in counted.order_by("-events", "account_number")[:5]]


@admin.register(UnknownBuyer)
class UnknownBuyerAdmin(Waiting):
    list_display = ("seen", "account_", "named", "event_", "buyer_")
    list_filter = (StrangerState, ("seen_at", DaysFilter))
    list_select_related = ("account", "buyer")
    list_before_template = "admin/journal/parts/strangers_head.html"
    search_fields = ("account__number_key", "account__name", "email_key")
    ordering = ("-event_id",)
    fields = ("seen", "account_", "named", "event_", "buyer_", "attached")
    readonly_fields = fields

    seen = _time("seen_at", _("reported"))
    attached = _time("attached_at", _("attached"))

    @admin.display(description=_("named by"))
    def named(self, row: UnknownBuyer) -> str:
        ways = (row.email_key, row.external_id, row.invitation)
        return ", ".join(way for way in ways if way) or "–"


@admin.register(EventPoison)
class EventPoisonAdmin(Waiting):
    list_display = ("failed", "reaction", "kind_", "account_", "event_", "error")
    list_filter = (PoisonState, KindFilter, ("failed_at", DaysFilter))
    list_select_related = ("account",)
    list_before_template = "admin/journal/parts/poison_head.html"
    search_fields = ("reaction", "error")
    ordering = ("-id",)
    actions = ("retry",)
    fields = (
        *("failed", "reaction", "kind_", "account_", "event_", "error"),
        *("retried", "settled"),
    )
    readonly_fields = fields

    failed = _time("failed_at", _("failed"))
    retried = _time("retried_at", _("last retried"))
    settled = _time("settled_at", _("settled"))

    @admin.action(description=_("Try again"), permissions=["settle"])
    def retry(self, request: HttpRequest, queryset: QuerySet[EventPoison]) -> None:
        ids = list(queryset.order_by("event_id").values_list("pk", flat=True))
        done = poison.retry(ids, clock.now())
        text = ngettext(
            "%(done)d of %(count)d event was digested.",
            "%(done)d of %(count)d events were digested.",
            len(ids),
        )
        level = messages.SUCCESS if done == len(ids) else messages.WARNING
        self.message_user(request, text % {"done": done, "count": len(ids)}, level)


@admin.register(EventConflict)
class EventConflictAdmin(Waiting):
    list_display = ("seen", "source_", "key", "on_", "event_")
    list_filter = (
        ("on", ChoicesDropdownFilter),
        SourceFilter,
        ("seen_at", DaysFilter),
    )
    list_before_template = "admin/journal/parts/conflicts_head.html"
    search_fields = ("key",)
    ordering = ("-id",)
    fields = ("seen", "source_", "key", "on_", "body_", "event_", "stands")
    readonly_fields = fields

    seen = _time("seen_at", _("seen"))

    @admin.display(description=_("what differs"))
    def on_(self, row: EventConflict) -> str:
        return row.get_on_display()

    @admin.display(description=_("reported again as"))
    def body_(self, row: EventConflict) -> SafeString:
        return _pretty(row.body)

    @admin.display(description=_("what stands"))
    def stands(self, row: EventConflict) -> SafeString | str:
        event = Event.objects.filter(pk=row.event_id or 0).first()
        if event is None:
            return "–"
        said = {"occurred_at": event.occurred_at.isoformat(), "data": event.data}
        return _pretty({"kind": event.kind, **said})
