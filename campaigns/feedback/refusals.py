"""Why a post is not taken in."""


class Refused(Exception):
    """Nothing proves that it comes from the provider; the text is one word for logs."""
