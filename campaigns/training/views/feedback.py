"""A short word after the session."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.training import entitled, feedback
from campaigns.training.forms import FeedbackForm

from .finding import seat_of
from .opening import for_visitor, show


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitor
def give(request: HttpRequest, buyer: Buyer, uuid: UUID) -> HttpResponse:
    """Sent twice, the second word counts."""
    found, at = seat_of(buyer, uuid), clock.now()
    if not entitled.may_speak(buyer, found):
        return redirect("training:seat", uuid)
    said = getattr(found, "feedback", None)
    posted = request.POST if request.method == "POST" else None
    form = FeedbackForm(posted, instance=said)
    if posted is not None and form.is_valid():
        feedback.give(found, at, **form.cleaned_data)
        return redirect("training:seat", uuid)
    response = show(
        request,
        "feedback.html",
        buyer,
        seat=found,
        session=found.session,
        form=form,
        said=said,
    )
    response.status_code = 400 if posted is not None else 200
    return response
