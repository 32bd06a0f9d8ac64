"""Freezing a message as a version: strict now, so that sending need not be."""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.consent.topics import Topic
from accounts.staff.models import User

from . import brands, measured, placeholders, problems, trial
from .build import Source, Templates, build
from .models import LANGUAGES, Message, MessageText, MessageVersion, VersionText
from .problems import Problem
from .syntax import BadSource

#: Raised when the compiler or the frame changes what the same source becomes.
FORMAT = 1


class NotPublishable(Exception):
    """What must be mended first, each a `Problem` that says what to do and where."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, found)))
        self.problems = list(found)


@transaction.atomic
def publish(message: Message, by: User | None, at: datetime) -> MessageVersion:
    """Return the version that says what *message* says now; make it if it is new.

    Raises `NotPublishable` when anything is wrong with it. Same content, same version.
    """
    message = (
        Message.objects.select_for_update(of=("self",))
        .select_related("brand")
        .get(pk=message.pk)
    )
    brand = brands.describe(message.brand)
    texts = list(message.texts.order_by("language"))
    digest = digest_of(message.purpose, brand, texts, message.topic)
    published = message.versions.filter(digest=digest).first()
    if published:
        # One of before links were stored has none yet.
        measured.keep(published)
        return published
    found = problems.find(message)
    if found:
        raise NotPublishable(found)
    mails = {text: _build(text, message.purpose, brand) for text in texts}
    _try(mails, brand)
    return _freeze(message, brand, mails, digest, by, at)


def digest_now(message: Message) -> bytes:
    """What *message* says now: that of a version that says the same."""
    texts = sorted(message.texts.all(), key=lambda text: text.language)
    brand = brands.describe(message.brand)
    return digest_of(message.purpose, brand, texts, message.topic)


def digest_of(
    purpose: str,
    brand: dict[str, str],
    texts: Sequence[MessageText],
    topic: str = Topic.STORE,
) -> bytes:
    """What tells one content from another."""
    said = [[t.language, t.subject, t.preheader, t.body] for t in texts]
    about = [] if topic == Topic.STORE else [str(topic)]
    whole = json.dumps([FORMAT, purpose, brand, said, *about], sort_keys=True)
    return sha256(whole.encode()).digest()


def _build(text: MessageText, purpose: str, brand: dict[str, str]) -> Templates:
    source = Source(text.subject, text.preheader, text.body)
    return build(source, language=text.language, purpose=purpose, brand=brand)


def _try(mails: dict[MessageText, Templates], brand: dict[str, str]) -> None:
    context: dict[str, Any] = {**placeholders.sample(), "brand": brand}
    for text, mail in mails.items():
        sources = [(mail.subject, False), (mail.html, True), (mail.text, False)]
        try:
            trial.run(sources, context)
        except BadSource as error:
            name = dict(LANGUAGES)[text.language]
            sentence = problems.explain(error, {"language": name, "field": _("text")})
            raise NotPublishable(
                [Problem(sentence, text.language, "body", None)]
            ) from error


def _freeze(
    message: Message,
    brand: dict[str, str],
    mails: dict[MessageText, Templates],
    digest: bytes,
    by: User | None,
    at: datetime,
) -> MessageVersion:
    newest = message.versions.order_by("-number").first()
    version = MessageVersion.objects.create(
        message=message,
        number=newest.number + 1 if newest else 1,
        purpose=message.purpose,
        topic=message.topic,
        brand=brand,
        digest=digest,
        published_at=at,
        published_by=by,
    )
    VersionText.objects.bulk_create(
        VersionText(
            version=version,
            language=text.language,
            subject=text.subject,
            preheader=text.preheader,
            body=text.body,
            html=mail.html,
            text=mail.text,
        )
        for text, mail in mails.items()
    )
    measured.keep(version)
    return version
