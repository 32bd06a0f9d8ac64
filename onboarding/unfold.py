"""How the admin looks and is ordered: by task, in both languages.

Read by the settings, so nothing here may import a model. Entries whose page the
reader may not open, or that is not there, are left out.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the sidebar: shown to whom *permission* ("app.codename") is given."""

    title: str | Promise
    icon: str
    url: str
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    title: str | Promise
    entries: tuple[Entry, ...]


def _list_of(
    title: Promise, icon: str, app: str, model: str, codename: str = "view"
) -> Entry:
    url = f"admin:{app}_{model}_changelist"
    return Entry(title, icon, url, f"{app}.{codename}_{model}")


SIDEBAR = (
    Group(
        "",
        (Entry(gettext_lazy("Today"), "today", "admin:index"),),
    ),
    Group(
        gettext_lazy("Campaigns"),
        (
            _list_of(gettext_lazy("Campaigns"), "campaign", "sequences", "campaign"),
            _list_of(gettext_lazy("Deliveries"), "send", "sequences", "delivery"),
            _list_of(gettext_lazy("Enrolments"), "group", "sequences", "enrolment"),
            _list_of(gettext_lazy("Invitations"), "key", "invitations", "invitation"),
            _list_of(
                gettext_lazy("Delivery reports"),
                "mark_email_unread",
                "feedback",
                "report",
            ),
        ),
    ),
    Group(
        gettext_lazy("Sending"),
        (
            Entry(
                gettext_lazy("Sending now"),
                "speed",
                "sending:live",
                "sequences.view_campaign",
            ),
            Entry(
                gettext_lazy("Limits"),
                "traffic",
                "admin:sequences_lane_changelist",
                "sequences.send_campaign",
            ),
            Entry(
                gettext_lazy("Rules"),
                "rule",
                "admin:sequences_sendingrules_changelist",
                "sequences.send_campaign",
            ),
            Entry(
                gettext_lazy("Permission to send"),
                "lock_open",
                "sending:arming",
                "sequences.send_campaign",
            ),
            _list_of(
                gettext_lazy("Who did what"), "history", "sequences", "sendingact"
            ),
        ),
    ),
    Group(
        gettext_lazy("Training"),
        (
            Entry(
                gettext_lazy("Sessions"),
                "school",
                "training-staff:sessions",
                "training.teach",
            ),
            _list_of(gettext_lazy("Courses"), "menu_book", "training", "course"),
            _list_of(
                gettext_lazy("Shared pools of seats"), "groups", "training", "pool"
            ),
            Entry(
                gettext_lazy("What training did"),
                "query_stats",
                "training-staff:results",
                "training.view_results",
            ),
        ),
    ),
    Group(
        gettext_lazy("Messages"),
        (
            _list_of(gettext_lazy("Messages"), "mail", "campaign_messages", "message"),
            _list_of(
                gettext_lazy("Brand and sender"),
                "palette",
                "campaign_messages",
                "brand",
            ),
            Entry(
                gettext_lazy("Senders' domains"),
                "verified",
                "admin:campaign_messages_senderdomain_changelist",
                "campaign_messages.view_message",
            ),
            _list_of(
                gettext_lazy("Outbox"), "outbox", "campaign_messages", "outboxmail"
            ),
            _list_of(gettext_lazy("Providers’ posts"), "inbox", "feedback", "post"),
            _list_of(
                gettext_lazy("Published links"),
                "link",
                "campaign_messages",
                "publishedlink",
            ),
        ),
    ),
    Group(
        gettext_lazy("Customers"),
        (
            _list_of(gettext_lazy("Accounts"), "apartment", "customers", "account"),
            _list_of(gettext_lazy("Buyers"), "person", "customers", "buyer"),
            _list_of(
                gettext_lazy("Imports"), "upload_file", "customers", "customerimport"
            ),
            _list_of(
                gettext_lazy("Permissions"), "mark_email_read", "consent", "permission"
            ),
            _list_of(
                gettext_lazy("Consent history"), "how_to_reg", "consent", "choice"
            ),
            _list_of(
                gettext_lazy("Suppressed addresses"), "block", "consent", "suppression"
            ),
            Entry(
                gettext_lazy("Privacy requests"),
                "shield_person",
                "admin:consent_privacyact_changelist",
                "consent.export_person",
            ),
        ),
    ),
    Group(
        gettext_lazy("Journal"),
        (
            _list_of(gettext_lazy("Events"), "history", "journal", "event"),
            _list_of(
                gettext_lazy("Unmatched events"),
                "link_off",
                "journal",
                "unmatchedevent",
            ),
            _list_of(
                gettext_lazy("Events of unknown buyers"),
                "person_search",
                "journal",
                "unknownbuyer",
            ),
            _list_of(
                gettext_lazy("Events set aside"), "report", "journal", "eventpoison"
            ),
            _list_of(
                gettext_lazy("Conflicting repeats"),
                "content_copy",
                "journal",
                "eventconflict",
            ),
        ),
    ),
    Group(
        gettext_lazy("Reports"),
        (
            Entry(
                gettext_lazy("Adoption"),
                "monitoring",
                "adoption:dashboard",
                "adoption.view_figures",
            ),
        ),
    ),
    Group(
        gettext_lazy("Settings"),
        (
            _list_of(gettext_lazy("Users"), "manage_accounts", "staff", "user"),
            _list_of(gettext_lazy("API keys"), "vpn_key", "staff", "apikey"),
            Entry(gettext_lazy("Second factor"), "security", "mfa_index"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    groups = ((group, _open_to(request, group.entries)) for group in SIDEBAR)
    return [
        {"title": group.title, "separator": bool(group.title), "items": items}
        for group, items in groups
        if items
    ]


def _open_to(request: HttpRequest, entries: tuple[Entry, ...]) -> list[dict[str, Any]]:
    return [
        {"title": capfirst(str(entry.title)), "icon": entry.icon, "link": link}
        for entry in entries
        if _may_open(request, entry) and (link := address(entry.url))
    ]


def _may_open(request: HttpRequest, entry: Entry) -> bool:
    return not entry.permission or request.user.has_perm(entry.permission)


def address(name: str) -> str:
    """The address of a page by its name; "" while nothing answers to it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    pages = (
        (_("Change password"), "account_change_password"),
        (_("Second factor"), "mfa_index"),
    )
    return [
        {"title": title, "link": address(name)}
        for title, name in pages
        if address(name)
    ]


def environment(request: HttpRequest) -> list[str] | None:
    return [_("Demo"), "info"] if settings.DEMO else None


def style(request: HttpRequest) -> str:
    return static("onboarding/admin.css")


def script(request: HttpRequest) -> str:
    return static("onboarding/admin.js")


def names(request: HttpRequest) -> str:
    return static("onboarding/names.js")


def session(request: HttpRequest) -> str:
    return static("onboarding/session.js")


def icon(request: HttpRequest) -> str:
    return static("onboarding/icon.svg")


UNFOLD = {
    "SITE_TITLE": "Onboarding",
    "SITE_HEADER": "Onboarding",
    "SITE_SUBHEADER": gettext_lazy("Customers into the web store"),
    "SITE_URL": None,
    "SITE_ICON": icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": icon}],
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "onboarding.unfold.environment",
    "DASHBOARD_CALLBACK": "campaigns.sequences.results.today.show",
    "STYLES": [style],
    "SCRIPTS": [script, names, session],
    "ACCOUNT": {"navigation": "onboarding.unfold.account_links"},
    "COMMAND": {
        # Unfold's own search walks every row that matches; ours stops after a few.
        "search_models": False,
        "search_callback": "onboarding.palette.search",
        "show_history": False,
    },
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "onboarding.unfold.navigation",
    },
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
}
