import pytest

from accounts.consent.masks import mask


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("ana.ruiz@acme.example", "a•••@acme.example"),
        ("a@acme.example", "a•••@acme.example"),
        ("", ""),
    ],
)
def test_an_address_is_known_to_its_owner_alone(email, shown):
    assert mask(email) == shown
