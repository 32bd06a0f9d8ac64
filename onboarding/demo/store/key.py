"""The stand-in store's API key: issued as any other, kept in a file of its own."""

from pathlib import Path

from django.conf import settings

from accounts.staff import keys
from accounts.staff.models import ApiKey

NAME = "Demonstration store"
SOURCE = "store"
SCOPES = (ApiKey.Scope.EVENTS, ApiKey.Scope.READ)


def current() -> str:
    try:
        return _file().read_text(encoding="ascii").strip() or renew()
    except OSError:
        return renew()


def renew() -> str:
    """A key that this database knows: it may have been emptied since the last one."""
    issued = keys.issue(NAME, SOURCE, SCOPES)
    _file().parent.mkdir(parents=True, exist_ok=True)
    # Beside and then over it: who reads meanwhile gets the old one or the new one.
    draft = _file().with_suffix(f".{issued.key.pk}")
    draft.touch(mode=0o600)
    draft.write_text(issued.secret, encoding="ascii")
    draft.replace(_file())
    return issued.secret


def _file() -> Path:
    return Path(settings.DATA_DIR) / "demo-store.key"
