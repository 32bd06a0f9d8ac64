"""Writing a message: its texts in every language, seen while they are written."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.messages import copies, placeholders, problems, uses
from campaigns.messages.forms import Editor
from campaigns.messages.models import (
    LANGUAGES,
    Brand,
    Message,
    MessageText,
    MessageVersion,
)

from . import framing, pages


@framing.show_pictures
@pages.needs(pages.ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    brand = Brand.objects.order_by("-is_default", "pk").first()
    if brand is None:
        if request.user.has_perm("campaign_messages.add_brand"):
            messages.warning(request, _("Set up the brand first: it is the sender."))
            return redirect("admin:campaign_messages_brand_add")
        told = _("There is no brand yet. A marketing manager has to set it up first.")
        messages.warning(request, told)
        return redirect("admin:campaign_messages_message_changelist")
    return _edit(request, Message(brand=brand))


@framing.show_pictures
@pages.needs(pages.VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, message_id: int) -> HttpResponse:
    return _edit(request, _find(message_id))


@pages.needs(pages.ADD)
@require_POST
def copy(request: HttpRequest, message_id: int) -> HttpResponse:
    twin = copies.copy(_find(message_id))
    messages.success(request, _("This is the copy. Give it a name of its own."))
    return redirect("admin:campaign_messages_message_change", twin.pk)


@pages.needs(pages.VIEW)
@require_http_methods(["GET", "HEAD"])
def version(request: HttpRequest, message_id: int, number: int) -> HttpResponse:
    """What exactly was said, in each language."""
    found = get_object_or_404(
        MessageVersion.objects.select_related("message", "published_by"),
        message=message_id,
        number=number,
    )
    texts = found.texts.order_by("language")
    title = _("Version %(number)s") % {"number": found.number}
    return pages.show(
        request, "version.html", title, version=found, texts=texts, names=_names()
    )


def _edit(request: HttpRequest, message: Message) -> HttpResponse:
    may_change = request.user.has_perm(pages.CHANGE)
    if request.method != "POST":
        return _page(request, Editor(message), may_change)
    if not may_change:
        raise PermissionDenied
    kind = CHANGE if message.pk else ADDITION
    with transaction.atomic():
        editor = Editor(message, request.POST)
        if not editor.is_valid():
            return _page(request, editor, may_change)
        saved = editor.save()
    LogEntry.objects.log_actions(
        pages.person(request).pk,
        [saved],
        kind,
        single_object=True,
    )
    _tell(request, saved)
    target = reverse("admin:campaign_messages_message_change", args=[saved.pk])
    return redirect(f"{target}{_tab(request.POST.get('tab', ''))}")


def _tell(request: HttpRequest, message: Message) -> None:
    """A draft may be kept unfinished; nobody shall take it for ready."""
    if problems.find(message):
        messages.warning(
            request,
            _("The message is saved. It cannot be sent yet: see what is missing."),
        )
    else:
        messages.success(request, _("The message is saved."))


def _page(request: HttpRequest, editor: Editor, may_change: bool) -> HttpResponse:
    message = editor.message
    title = str(message) if message.pk else _("New message")
    versions = message.versions.select_related("published_by") if message.pk else []
    return pages.show(
        request,
        "edit.html",
        title,
        editor=editor,
        tabs=[(code, name, editor.texts[code]) for code, name in LANGUAGES],
        groups=_groups(),
        may_change=may_change,
        may_pick_buyer=request.user.has_perm(pages.VIEW_BUYER),
        message=message,
        found=problems.find(message) if message.pk else [],
        versions=versions,
        uses=uses.of(message, pages.person(request)) if message.pk else [],
    )


def _groups() -> list[dict[str, Any]]:
    """The placeholders for the palette, by what they are about."""
    titles = {
        "buyer": _("Buyer"),
        "account": _("Company"),
        "rep": _("Sales rep"),
        "links": _("Links"),
        "brand": _("Our company"),
        "campaign": _("Campaign"),
    }
    groups: dict[str, dict[str, Any]] = {
        name: {"title": title, "placeholders": []} for name, title in titles.items()
    }
    for placeholder in placeholders.known().values():
        group = groups.setdefault(
            placeholder.group,
            {"title": placeholder.about or placeholder.group, "placeholders": []},
        )
        group["placeholders"].append(placeholder)
    return [group for group in groups.values() if group["placeholders"]]


def _names() -> dict[str, str]:
    return dict(LANGUAGES)


def _tab(language: str) -> str:
    return f"#{language}" if language in _names() else ""


def _find(message_id: int) -> Message:
    texts = Prefetch("texts", queryset=MessageText.objects.order_by("language"))
    queryset = Message.objects.select_related("brand").prefetch_related(texts)
    return get_object_or_404(queryset, pk=message_id)
