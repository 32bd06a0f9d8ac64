"""The figures over everything, and as a file."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from campaigns.adoption import sheets
from campaigns.adoption.channels import mixes
from campaigns.adoption.figures import report
from campaigns.adoption.forms import periods
from campaigns.adoption.logins import by_key_account, by_month
from campaigns.adoption.unreported import UNREPORTED
from campaigns.adoption.usage import compare
from campaigns.adoption.views.access import asked, reader, send, show


@reader
def dashboard(request: HttpRequest) -> HttpResponse:
    form, frame = asked(request)
    frame = frame.narrowed(None)
    return show(
        request,
        "dashboard.html",
        _("Adoption"),
        report=report(frame),
        form=form,
        frame=frame,
        periods=periods(frame),
        tab="dashboard",
    )


@reader
def figures_csv(request: HttpRequest) -> HttpResponseBase:
    _form, frame = asked(request)
    rows = sheets.of_figures(report(frame).figures)
    return send(request, f"adoption-{frame.at:%Y-%m-%d}", rows)


@reader
def channel_mix(request: HttpRequest) -> HttpResponse:
    form, frame = asked(request, of_months=True)
    return show(
        request,
        "channels.html",
        _("Channel mix"),
        mixes=mixes(frame),
        form=form,
        frame=frame,
        periods=periods(frame, of_months=True),
        tab="channels",
    )


@reader
def channels_csv(request: HttpRequest) -> HttpResponseBase:
    _form, frame = asked(request, of_months=True)
    return send(request, "channels", sheets.of_mixes(mixes(frame)))


@reader
def comparison(request: HttpRequest) -> HttpResponse:
    """Always as of now: store vendors show nothing else."""
    form, frame = asked(request, of_months=True)
    return show(
        request,
        "comparison.html",
        _("Use of the store"),
        shares=compare(frame),
        months=by_month(frame),
        key_accounts=by_key_account(frame),
        missing=UNREPORTED,
        form=form,
        frame=frame,
        periods=periods(frame, of_months=True),
        tab="comparison",
    )
