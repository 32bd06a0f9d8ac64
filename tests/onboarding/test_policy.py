"""What browsers are told they may do, page by page."""

import pytest


@pytest.fixture
def staff(django_user_model, client):
    user = django_user_model.objects.create_superuser(
        "ada@house.example", "a long password", name="Ada", language="en"
    )
    client.force_login(user)
    return client


def test_public_pages_run_nothing_inline_and_nothing_foreign(db, client):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    for directive in (
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert directive in policy


def test_only_the_admin_may_evaluate(staff):
    policy = staff.get("/admin/")["Content-Security-Policy"]
    assert "'unsafe-eval'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in script


def test_an_address_that_only_resembles_the_admin_stays_strict(db, client):
    policy = client.get("/administrators/")["Content-Security-Policy"]
    assert "unsafe" not in policy


def test_pages_forbid_sniffing_framing_and_leaking(db, client):
    answer = client.get("/accounts/login/")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
