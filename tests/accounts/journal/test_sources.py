"""Where an event came from, in words."""

import pytest

from accounts.journal import sources


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("orders-file", "Order file"),
        ("journal", "Correction"),
        ("api:erp", "erp, by the API"),
        ("import:16", "Import 16"),
        ("invitations", "Invitations"),
        ("training", "Training"),
        ("telepathy", "telepathy"),
    ],
)
def test_a_source_is_told_in_words(source, told):
    assert sources.label(source) == told
