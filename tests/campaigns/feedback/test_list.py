"""The list of delivery reports, which somebody also reads on a phone."""

import pytest
from django.urls import reverse

from campaigns.feedback.models import Report
from tests.factories import LONG_AGO, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_list(client):
    user = UserFactory(role="administrator", language="es")
    client.force_login(
        user, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return lambda: client.get(reverse("admin:feedback_report_changelist"))


@pytest.mark.parametrize("kind", Report.Kind.values)
def test_every_kind_is_shown_in_words(open_list, kind):
    Report.objects.create(key=b"1", provider="own", kind=kind, occurred_at=LONG_AGO)
    text = open_list().content.decode()
    shown = text[text.index('id="result_list"') :]
    assert f">{kind}<" not in "".join(shown.split())
    assert "Nuestros enlaces e imágenes" in shown


def test_a_page_of_it_is_short(open_list):
    Report.objects.bulk_create(
        Report(key=bytes([n]), provider="own", kind="opened", occurred_at=LONG_AGO)
        for n in range(30)
    )
    assert len(open_list().context["cl"].result_list) == 25
