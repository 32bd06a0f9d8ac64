"""A kept mail taken apart, as a mail program would show it."""

from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage

from accounts.customers.veil import hide_links


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    headers: list[tuple[str, str]]
    html: str
    text: str
    attachments: list[Attachment]


def read(raw: bytes) -> Letter:
    """Take the bytes of a mail apart."""
    mail = message_from_bytes(raw, policy=policy.default)
    return Letter(
        headers=[(name, str(value)) for name, value in mail.items()],
        html=_body(mail, "html"),
        text=_body(mail, "plain"),
        attachments=[_attachment(part) for part in mail.iter_attachments()],
    )


def veil(letter: Letter) -> Letter:
    """The letter without its personal links, for whom they do not concern."""
    return replace(
        letter,
        headers=[(name, hide_links(value)) for name, value in letter.headers],
        html=hide_links(letter.html),
        text=hide_links(letter.text),
    )


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_content()
    return Attachment(
        name=part.get_filename() or "attachment",
        kind=part.get_content_type(),
        content=content if isinstance(content, bytes) else str(content).encode(),
    )
