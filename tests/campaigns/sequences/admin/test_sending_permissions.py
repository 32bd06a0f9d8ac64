"""Who may look at sending, hold it, loosen its brakes and allow it at all."""

import pytest
from django.urls import reverse

from accounts.staff.models import Role

pytestmark = pytest.mark.django_db

READERS = {
    Role.ADMINISTRATOR,
    Role.MARKETING_MANAGER,
    Role.MARKETING_EDITOR,
    Role.ANALYST,
}
SENDERS = {Role.ADMINISTRATOR, Role.MARKETING_MANAGER}
PAGES = {
    "sending:live": ("get", READERS),
    "sending:figures": ("get", READERS),
    "sending:arming": ("get", READERS),
    "sending:stop": ("post", SENDERS),
    "sending:resume": ("post", SENDERS),
    "sending:arm": ("post", {Role.ADMINISTRATOR}),
    "sending:disarm": ("post", {Role.ADMINISTRATOR}),
    "admin:sequences_lane_changelist": ("get", SENDERS),
    "admin:sequences_lane_add": ("get", SENDERS),
    "admin:sequences_sendingact_changelist": (
        "get",
        {Role.ADMINISTRATOR, Role.MARKETING_MANAGER, Role.MARKETING_EDITOR},
    ),
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_open_to_whom_it_is_for(as_role, name, role):
    method, allowed = PAGES[name]
    answer = getattr(as_role(role), method)(reverse(name))
    refused = answer.status_code == 403 or "login" in answer.get("Location", "")
    assert refused == (role not in allowed)
