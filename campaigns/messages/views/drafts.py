"""What the editor asks for while somebody writes: previews, buyers, a test mail."""

from smtplib import SMTPException

from anymail.exceptions import AnymailError
from django.core.mail import get_connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.customers import search
from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.messages import guard, preview, testing
from campaigns.messages.models import LANGUAGES, Brand, MessageText, Purpose
from campaigns.messages.problems import Problem
from campaigns.messages.syntax import SOURCE_LIMIT, BadSource

from . import framing, pages

#: Buyers offered for a preview at a time.
FOUND = 12


class NoDraft(ValueError):
    """The request does not say which message it is about."""


@pages.needs(pages.VIEW)
@require_POST
def show(request: HttpRequest) -> HttpResponse:
    """The posted draft as its reader would see it, and what is wrong with it."""
    try:
        text, purpose, brand = _read(request)
    except NoDraft:
        return HttpResponse(status=400)
    made = preview.show(text, purpose, brand, _buyer(request))
    composed = made.composed
    return JsonResponse(
        {
            "problems": [_describe(problem) for problem in made.problems],
            "subject": composed.subject if composed else None,
            "preheader": made.preheader,
            "sender": brand.sender_name,
            "html": framing.open_links_outside(composed.html) if composed else None,
            "text": composed.text if composed else None,
        }
    )


@pages.needs(pages.VIEW_BUYER)
@require_safe
def buyers(request: HttpRequest) -> HttpResponse:
    """Buyers whose name, address or company holds what was typed."""
    wanted = request.GET.get("q", "").strip()[:100]
    rows = Buyer.objects.filter(search.buyers(wanted), active=True)
    rows = rows.select_related("account")
    found = [
        {
            "id": buyer.pk,
            "name": str(buyer),
            "account": str(buyer.account),
            "language": buyer.language,
        }
        for buyer in rows.order_by("last_name", "pk")[:FOUND]
    ]
    return JsonResponse({"buyers": found})


@pages.needs(pages.CHANGE)
@require_POST
def send_test(request: HttpRequest) -> HttpResponse:
    """The posted draft to the person who asks for it, and to nobody else."""
    person = pages.person(request)
    to = person.email
    if testing.is_enough(person):
        return _answer(_("These are many tests. Wait ten minutes for the next."), 429)
    try:
        text, purpose, brand = _read(request)
        compiled = preview.compile_draft(text, purpose, brand)
        facts = preview.facts_for(_buyer(request))
        mail = preview.trial_mail(compiled, facts, to=to, at=clock.now())
        get_connection().send_messages([mail])
    except NoDraft:
        return HttpResponse(status=400)
    except BadSource:
        return _answer(_("Mend what is listed first; then a test can be sent."), 409)
    except guard.UnsafeHeader:
        return _answer(_("The brand's sender or your own address cannot be used."), 409)
    except (OSError, SMTPException, AnymailError):
        return _answer(_("The mail server did not take the test message."), 502)
    return _answer(_("A test message is on its way to %(address)s.") % {"address": to})


def _answer(sentence: str, status: int = 200) -> JsonResponse:
    return JsonResponse({"sentence": sentence}, status=status)


def _read(request: HttpRequest) -> tuple[MessageText, str, Brand]:
    data = request.POST
    language = data.get("language", "")
    brand = Brand.objects.filter(pk=_number(data.get("brand", "")) or 0).first()
    if language not in dict(LANGUAGES) or brand is None:
        raise NoDraft
    if data.get("purpose") not in Purpose.values:
        raise NoDraft
    limit = MessageText._meta.get_field("subject").max_length or 200
    text = MessageText(
        language=language,
        subject=data.get("subject", "")[:limit],
        preheader=data.get("preheader", "")[:limit],
        body=data.get("body", "")[: SOURCE_LIMIT + 1],
    )
    return text, data["purpose"], brand


def _buyer(request: HttpRequest) -> Buyer | None:
    number = _number(request.POST.get("buyer", ""))
    if number is None or not request.user.has_perm(pages.VIEW_BUYER):
        return None
    return Buyer.objects.filter(pk=number).first()


def _number(value: str) -> int | None:
    return int(value) if value.isdecimal() and len(value) < 19 else None


def _describe(problem: Problem) -> dict[str, object]:
    return {
        "sentence": problem.sentence,
        "field": problem.field,
        "line": problem.line,
    }
