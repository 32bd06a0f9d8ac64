"""The pages of those who come with a link that does not open anything."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.consent.pages import speak

from . import renewal


def not_valid(request: HttpRequest) -> HttpResponse:
    """One page for expired, revoked, unknown and forged, with what to do now."""
    speak(request)
    context = {"renewable": renewal.is_possible()}
    return render(request, "invitations/not_valid.html", context, status=404)
