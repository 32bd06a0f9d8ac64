"""The customer's personal page, put together from what the touchpoints offer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.consent import choices, links
from accounts.consent.pages import personal_page, speak
from accounts.journal import clock
from campaigns.invitations import turned_away, visits
from campaigns.sequences import touchpoints


@require_safe
@personal_page
def show(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    invitation = visits.invitation(request, at)
    if invitation is None:
        return turned_away.not_valid(request)
    buyer = invitation.buyer
    speak(request, buyer.language)
    offered = [(each.template, each.context(buyer, at)) for each in touchpoints.cards()]
    context = {
        "first_name": buyer.first_name,
        "company": buyer.account.name,
        "rep": buyer.account.rep,
        "cards": [card for card in offered if card[1] is not None],
        "standing": choices.standing(buyer),
        "preferences": links.preferences(buyer.uuid),
    }
    return render(request, "portal/me.html", context)
