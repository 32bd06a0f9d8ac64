"""An address shown so that its owner knows it and nobody else learns it."""


def mask(email: str) -> str:
    """``ana.ruiz@acme.example`` becomes ``a•••@acme.example``."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}" if local else ""
