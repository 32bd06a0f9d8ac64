"""Which addresses take a POST without a CSRF token: a list that grows on purpose."""

from django.urls import URLPattern, get_resolver

# Machines with a key of their own, and mail programs that unsubscribe in one click.
EXEMPT = {
    "api/v1/events",
    "api/v1/customers",
    "api/<path:call>",  # only says that there is no such call
    "api/v1/invitations/<uuidstr:reference>",
    "webhooks/<slug:provider>/",
    "webhooks/<slug:provider>/inbound/",
    "u/<str:token>",
    "u/<str:token>/",
}


def walk(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address, pattern.callback
        else:
            yield from walk(pattern, address)


def test_only_machines_may_post_without_a_token():
    found = {
        address
        for address, view in walk(get_resolver())
        if getattr(view, "csrf_exempt", False)
    }
    assert found == EXEMPT
