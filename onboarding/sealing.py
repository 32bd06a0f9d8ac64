"""Secrets of second factors, sealed: a copy of the database proves nobody."""

from base64 import urlsafe_b64encode
from functools import cache
from hmac import digest

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

MARK = "sealed:"


class SealedFactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return MARK + _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was kept before we sealed is read as it is."""
        if not encrypted_text.startswith(MARK):
            return encrypted_text
        sealed = encrypted_text.removeprefix(MARK)
        return _box().decrypt(sealed.encode()).decode()


def _box() -> MultiFernet:
    """By the links' key: the one whose old values are kept for ever anyhow."""
    return MultiFernet(
        _fernet(key) for key in (settings.LINK_KEY, *settings.LINK_KEY_FALLBACKS)
    )


@cache
def _fernet(key: str) -> Fernet:
    own = digest(key.encode(), b"second-factor", "sha256")
    return Fernet(urlsafe_b64encode(own))
