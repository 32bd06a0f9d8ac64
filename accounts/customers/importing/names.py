"""A full name → first and last name, as well as one can without asking."""

# What a Spanish, Italian, German, Dutch or Portuguese family name may begin with.
_WORDS = "de del la las los da das do dos di van von der den"
_PARTICLES = frozenset(_WORDS.split())


def split(full: str) -> tuple[str, str]:
    """ "María Ángeles de la Fuente" → ("María Ángeles", "de la Fuente").

    "Fuente, Ana" is turned round. Four words and more are taken for two names and
    two family names; anything else has one first name.
    """
    if ", " in full:
        last, first = full.split(", ", 1)
        return first.strip(), last.strip()
    words = full.split(" ")
    for place, word in enumerate(words[1:], 1):
        if word in _PARTICLES:
            return " ".join(words[:place]), " ".join(words[place:])
    first_names = 2 if len(words) > 3 else 1
    return " ".join(words[:first_names]), " ".join(words[first_names:])
