"""Typed readers of the environment, which fail loudly on nonsense.

Every value may also come from a file named by `<NAME>_FILE`, which is how secrets
reach a container without showing in its environment.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})
SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
# A database server that vanished without a word is given up after so long: seconds to
# connect, and between signs of life; milliseconds until what we said is acknowledged.
# Whatever the address says itself (`?connect_timeout=2`) goes before.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
IMAP_PORTS = {"imap": 143, "imap+tls": 143, "imaps": 993}


class Reader:
    """Reads one environment, by default that of the process."""

    def __init__(self, source: Mapping[str, str] | None = None) -> None:
        self.source = os.environ if source is None else source
        self.asked: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        value = self._find(name)
        return default if value is None else value

    def needed(self, name: str, why: str) -> str:
        """A value without which `why` cannot work."""
        value = self._find(name)
        if value is None:
            raise ImproperlyConfigured(f"{name} is not set, but {why} needs it.")
        return value

    def secret(self, name: str, default: str, *, length: int = 32) -> str:
        value = self._find(name)
        if value is None:
            return default
        if len(value) < length:
            raise ImproperlyConfigured(
                f"{name} is {len(value)} characters long: at least {length} needed."
            )
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._find(name)
        if value is None:
            return default
        if value.lower() in TRUE:
            return True
        if value.lower() in FALSE:
            return False
        raise _nonsense(name, value, "1 or 0")

    def number(self, name: str, default: int, *, least: int = 0) -> int:
        value = self._find(name)
        if value is None:
            return default
        if not value.isdecimal() or int(value) < least:
            raise _nonsense(name, value, f"a whole number of at least {least}")
        return int(value)

    def choice(self, name: str, default: str, choices: Iterable[str]) -> str:
        value = self.text(name, default)
        known = sorted(choices)
        if value not in known:
            raise _nonsense(name, value, "one of " + ", ".join(known))
        return value

    def names(self, name: str, default: Iterable[str] = ()) -> list[str]:
        """A list, separated by commas."""
        value = self._find(name)
        if value is None:
            return list(default)
        return [part.strip() for part in value.split(",") if part.strip()]

    def address(self, name: str, default: str) -> str:
        """An http(s) address, without a slash at its end."""
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise _nonsense(name, value, "an address such as https://shop.example")
        return value

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Django's description of the PostgreSQL database at a URL."""
        value = self.text(name, default)
        if urlsplit(value).scheme not in {"postgres", "postgresql"}:
            raise _nonsense(name, _scheme(value), "a postgresql:// address")
        described = dict(environ.Env.db_url_config(value))
        return {**described, "OPTIONS": {**PATIENCE, **described.get("OPTIONS", {})}}

    def redis(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if urlsplit(value).scheme not in {"redis", "rediss"}:
            raise _nonsense(name, _scheme(value), "a redis:// or rediss:// address")
        return value

    def mail(self, name: str, why: str) -> dict[str, Any]:
        """Django's e-mail settings from an smtp address."""
        value = self.needed(name, why)
        scheme = urlsplit(value).scheme
        if scheme not in SMTP_PORTS or not urlsplit(value).hostname:
            raise _nonsense(name, _scheme(value), "an smtp+tls:// or smtp+ssl:// one")
        described = dict(environ.Env.email_url_config(value))
        described["EMAIL_PORT"] = described["EMAIL_PORT"] or SMTP_PORTS[scheme]
        return described

    def mailbox(self, name: str) -> dict[str, Any]:
        """Where to read mail by IMAP; empty where nothing is said."""
        value = self._find(name)
        if value is None:
            return {}
        parts = urlsplit(value)
        if parts.scheme not in IMAP_PORTS or not (parts.hostname and parts.username):
            raise _nonsense(name, _scheme(value), "imaps://user:password@host/INBOX")
        return {
            "encryption": parts.scheme,
            "host": parts.hostname,
            "port": parts.port or IMAP_PORTS[parts.scheme],
            "user": unquote(parts.username),
            "password": unquote(parts.password or ""),
            "folder": unquote(parts.path.strip("/")) or "INBOX",
        }

    def _find(self, name: str) -> str | None:
        self.asked.add(name)
        path = self.source.get(f"{name}_FILE")
        if not path:
            # Compose files pass on what is not set as an empty string.
            return self.source.get(name) or None
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names a file that cannot be read: {error}."
            ) from error


def read_dotenv(path: Path) -> None:
    """Lay the file's values under those of the environment, which win."""
    if path.is_file():
        environ.Env.read_env(path)


def _scheme(address: str) -> str:
    # The whole address may carry a password; its beginning never does.
    return address.split(":", 1)[0][:12] + ":…"


def _nonsense(name: str, value: str, wanted: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is “{value}”: it must be {wanted}.")
