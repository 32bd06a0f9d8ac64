"""A brand's logo, for mails and public pages: open to everybody."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from campaigns.messages.models import Brand

_DAY = 24 * 60 * 60


@require_safe
def show(request: HttpRequest, brand_id: int) -> HttpResponse:
    brand = Brand.objects.filter(pk=brand_id).only("logo", "logo_type").first()
    if brand is None or not brand.logo:
        raise Http404
    response = HttpResponse(bytes(brand.logo), content_type=brand.logo_type)
    response["Cache-Control"] = f"public, max-age={_DAY}"
    # Mail programs in a browser show it on pages of theirs.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
