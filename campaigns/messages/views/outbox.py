"""The outbox: mails that stayed here, as a mail program would show them."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from campaigns.messages import letters
from campaigns.messages.letters import Letter
from campaigns.messages.models import (
    READ_ALL_MAIL,
    MessageVersion,
    OutboxMail,
    VersionText,
)

from . import framing, pages


@pages.needs(pages.VIEW_OUTBOX)
@require_safe
def show(request: HttpRequest, mail_id: int) -> HttpResponse:
    mail, letter = _find(request, mail_id)
    mails = OutboxMail.objects.shown_to(request.user).defer("raw")
    newer = mails.filter(pk__gt=mail_id).order_by("pk").first()
    older = mails.filter(pk__lt=mail_id).order_by("-pk").first()
    return pages.show(
        request,
        "outbox.html",
        mail.subject,
        mail=mail,
        letter=letter,
        newer=newer,
        older=older,
        whole=_may_read_all(request),
    )


@framing.framed
@pages.needs(pages.VIEW_OUTBOX)
@require_safe
def html(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The mail's own HTML, for the frame of the page."""
    _mail, letter = _find(request, mail_id)
    return HttpResponse(framing.open_links_outside(letter.html))


@pages.needs(pages.VIEW_OUTBOX)
@require_safe
def raw(request: HttpRequest, mail_id: int) -> HttpResponse:
    mail, _letter = _find(request, mail_id)
    _refuse_unless_whole(request)
    return _download(bytes(mail.raw), f"mail-{mail.pk}.eml", "message/rfc822")


@pages.needs(pages.VIEW_OUTBOX)
@require_safe
def attachment(request: HttpRequest, mail_id: int, number: int) -> HttpResponse:
    _mail, letter = _find(request, mail_id)
    _refuse_unless_whole(request)
    if number >= len(letter.attachments):
        raise Http404
    found = letter.attachments[number]
    # Never shown by the browser, whatever it says it is.
    return _download(found.content, found.name, "application/octet-stream")


@framing.framed
@pages.needs(pages.VIEW)
@require_safe
def version_html(
    request: HttpRequest, message_id: int, number: int, language: str
) -> HttpResponse:
    """What a version says in one language, its placeholders in place."""
    version = get_object_or_404(MessageVersion, message=message_id, number=number)
    text = get_object_or_404(VersionText, version=version, language=language)
    return HttpResponse(framing.open_links_outside(text.html))


def _find(request: HttpRequest, mail_id: int) -> tuple[OutboxMail, Letter]:
    mail = get_object_or_404(OutboxMail.objects.shown_to(request.user), pk=mail_id)
    letter = letters.read(bytes(mail.raw))
    return mail, letter if _may_read_all(request) else letters.veil(letter)


def _may_read_all(request: HttpRequest) -> bool:
    """Whoever opens a customer's link is taken for her: in the demo, on purpose."""
    return settings.DEMO or request.user.has_perm(READ_ALL_MAIL)


def _refuse_unless_whole(request: HttpRequest) -> None:
    """A file cannot be shown without its links: a picture may hold one as well."""
    if not _may_read_all(request):
        raise PermissionDenied


def _download(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = disposition or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
