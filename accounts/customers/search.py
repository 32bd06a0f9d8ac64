"""Finding people and companies as somebody types them: without accents, in pieces."""

from django.db.models import Q

#: More words than that name nobody.
MOST_WORDS = 8


def buyers(text: str) -> Q:
    """Buyers of whom every word is a piece of a name, address, company or number."""
    asked = Q()
    for word in text.split()[:MOST_WORDS]:
        asked &= (
            Q(first_name__unaccent__icontains=word)
            | Q(last_name__unaccent__icontains=word)
            | Q(email_key__contains=word.casefold())
            | Q(account__name__unaccent__icontains=word)
            | Q(account__number_key__contains=word.casefold())
        )
    return asked
