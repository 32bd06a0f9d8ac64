"""From any number to the names, from any name to its events."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.text import slugify

from accounts.customers.models import Account, Buyer
from campaigns.adoption import listings, sheets, timeline
from campaigns.adoption import names as names_of
from campaigns.adoption.frames import Unit
from campaigns.adoption.listings import Listing
from campaigns.adoption.views.access import asked, namer, send, show
from campaigns.sequences.models import Campaign

#: Nobody turns so many; the database counts no further than eighteen digits.
MOST_PAGES = 1_000_000


@namer
def names(request: HttpRequest) -> HttpResponse:
    listing = _listing(request)
    search = request.GET.get("q", "")[:100]
    return show(
        request,
        "names.html",
        listing.label,
        listing=listing,
        page=names_of.page(listing, _page(request), search),
        search=search,
        campaign=_campaign(listing),
        asked={**listing.frame.asked(), "list": listing.slug, "unit": listing.unit},
    )


@namer
def names_csv(request: HttpRequest) -> HttpResponseBase:
    listing = _listing(request)
    found = names_of.everything(listing, request.GET.get("q", "")[:100])
    name = slugify(str(listing.label)) or listing.slug
    return send(request, name, sheets.of_names(listing, found))


def _campaign(listing: Listing) -> Campaign | None:
    asked_for = listing.frame.campaign_id
    return get_object_or_404(Campaign, pk=asked_for) if asked_for else None


def _listing(request: HttpRequest) -> Listing:
    _form, frame = asked(request)
    unit = request.GET.get("unit", Unit.BUYER)
    try:
        return listings.find(request.GET.get("list", ""), Unit(unit), frame)
    except (listings.NoSuchList, ValueError) as error:
        raise Http404 from error


@namer
def buyer(request: HttpRequest, buyer_id: int) -> HttpResponse:
    found = get_object_or_404(Buyer.objects.select_related("account"), pk=buyer_id)
    page = _page(request)
    entries = timeline.of_buyer(found, page)
    return show(
        request,
        "timeline.html",
        str(found),
        buyer=found,
        account=found.account,
        entries=entries[: timeline.PAGE],
        next=page + 1 if len(entries) > timeline.PAGE else None,
        mails=timeline.mails(found),
    )


@namer
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    found = get_object_or_404(Account, pk=account_id)
    page = _page(request)
    entries = timeline.of_account(found, page)
    return show(
        request,
        "timeline.html",
        str(found),
        account=found,
        entries=entries[: timeline.PAGE],
        next=page + 1 if len(entries) > timeline.PAGE else None,
    )


def _page(request: HttpRequest) -> int:
    asked_for = request.GET.get("page", "1")
    return min(max(int(asked_for), 1), MOST_PAGES) if asked_for.isdecimal() else 1
