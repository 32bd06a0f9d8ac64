"""Every address of ours × every role: who may open it, and who may act."""

import pytest
from django.contrib.admin import site
from django.urls import reverse

from accounts.staff.models import Role
from campaigns.sequences.admin import CampaignAdmin, DeliveryAdmin, EnrolmentAdmin
from campaigns.sequences.models import Campaign, Delivery

from .conftest import at

pytestmark = pytest.mark.django_db

ADMINISTRATOR, MANAGER = "administrator", "marketing_manager"
EDITOR, ANALYST, REP, NOBODY = "marketing_editor", "analyst", "sales_rep", "nobody"

WRITERS = {ADMINISTRATOR, MANAGER}
PLANNERS = {*WRITERS, EDITOR}
READERS = {*PLANNERS, ANALYST}

#: name of the page → (how it is asked, of what, who may).
PAGES = {
    "changelist": ("get", "", READERS),
    "add": ("get", "", PLANNERS),
    "change": ("get", "running", READERS),
    "delete": ("get", "draft", WRITERS),
    "history": ("get", "running", READERS),
    "count": ("post", "", READERS),
    "names": ("post", "", PLANNERS),
    "audience": ("get", "draft", PLANNERS),
    "review": ("get", "draft", READERS),
    "test": ("post", "step", PLANNERS),
    "start": ("post", "draft", WRITERS),
    "pause": ("post", "running", WRITERS),
    "resume": ("post", "running", WRITERS),
    "stop": ("post", "running", WRITERS),
    "revise": ("get", "running", READERS),
    "copy": ("post", "running", PLANNERS),
    "figures": ("get", "running", READERS),
    "deliveries": ("get", "running", PLANNERS),
    "enrolments": ("get", "running", PLANNERS),
    "story": ("get", "buyer", PLANNERS),
    "unknown": ("get", "", PLANNERS),
    "settle": ("post", "", WRITERS),
}


def _arguments(of, draft, running):
    first = draft.versions.get().steps.first()
    buyer = Delivery.objects.first().buyer_id
    return {
        "": (),
        "draft": (draft.pk,),
        "running": (running.pk,),
        "step": (draft.pk, first.pk),
        "buyer": (running.pk, buyer),
    }[of]


@pytest.mark.parametrize("role", [*Role.values, NOBODY])
def test_a_page_is_open_to_those_who_may_and_to_nobody_else(
    client, as_role, draft, running, role
):
    if role != NOBODY:
        as_role(role)

    for name, (method, of, may) in PAGES.items():
        address = at(name, *_arguments(of, draft, running))
        response = getattr(client, method)(address)
        assert _answer(response) == _expected(role, may), name


def _answer(response):
    if "login" in response.headers.get("Location", ""):
        return "log in"
    return "no" if response.status_code == 403 else "yes"


def _expected(role, may):
    if role in may:
        return "yes"
    return "log in" if role in (REP, NOBODY) else "no"


def test_the_matrix_knows_every_address():
    """Walks the admin's addresses: a new page must say above who may open it."""
    known = {
        pattern.name.removeprefix("sequences_campaign_")
        for pattern in site._registry[Campaign].get_urls()
        if pattern.name
    }

    assert known == set(PAGES), "say in PAGES who may open it"


def test_getting_any_address_changes_nothing(manager, draft, running):
    before = list(Campaign.objects.order_by("pk").values())

    for name, (_method, of, _may) in PAGES.items():
        manager.get(at(name, *_arguments(of, draft, running)))

    assert list(Campaign.objects.order_by("pk").values()) == before


def test_an_analyst_reads_figures_and_no_names(as_role, draft, running):
    analyst = as_role(ANALYST)
    buyer = Delivery.objects.select_related("buyer").first().buyer

    review = analyst.get(at("review", draft.pk), {"buyer": buyer.pk, "search": "Ana"})
    page = analyst.get(at("change", running.pk))

    for found in (review, page):
        html = found.content.decode()
        assert found.status_code == 200
        assert buyer.last_name not in html
        assert buyer.email not in html
    assert at("deliveries", running.pk) not in page.content.decode()
    assert at("enrolments", running.pk) not in page.content.decode()


def test_a_forged_post_without_a_token_is_refused(as_role, draft):
    client = as_role("marketing_manager")
    client.handler.enforce_csrf_checks = True

    response = client.post(at("start", draft.pk), {"confirm": "1"})

    assert response.status_code == 403
    assert Campaign.objects.get(pk=draft.pk).state == "draft"


@pytest.mark.parametrize("role", [r for r in Role.values if r != REP])
@pytest.mark.parametrize("model", ["enrolment", "delivery"])
def test_what_happened_cannot_be_changed_here(as_role, running, model, role):
    client = as_role(role)
    pk = getattr(running, {"enrolment": "enrolments", "delivery": "deliveries"}[model])
    row = pk.first()

    for page in ("add", "change", "delete"):
        arguments = () if page == "add" else (row.pk,)
        address = reverse(f"admin:sequences_{model}_{page}", args=arguments)
        assert client.post(address, {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


def test_the_lists_of_what_happened_offer_no_deed():
    assert EnrolmentAdmin.actions is None
    assert DeliveryAdmin.actions is None
    assert CampaignAdmin.actions is None


def test_pages_are_not_kept_by_a_shared_browser(manager, running):
    for name in ("change", "deliveries"):
        response = manager.get(at(name, running.pk))
        assert "no-store" in response.headers["Cache-Control"]
