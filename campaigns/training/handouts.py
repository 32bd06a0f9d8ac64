"""Materials: publishing a new version, and counting who opened which."""

from datetime import datetime

from django.db import connection, transaction

from accounts.customers.models import Buyer
from accounts.staff.models import User

from .models import Material, MaterialVersion

#: Larger ones belong on a video platform or a file server, as a link.
LARGEST = 20 * 1024 * 1024

_OPEN = """
    INSERT INTO training_materialview AS old
        (version_id, buyer_id, first_at, last_at, count)
    VALUES (%(version)s, %(buyer)s, %(at)s, %(at)s, 1)
    ON CONFLICT (version_id, buyer_id) DO UPDATE SET
        last_at = greatest(old.last_at, EXCLUDED.last_at), count = old.count + 1
"""


def publish_link(
    material: Material, url: str, by: User | None, at: datetime
) -> MaterialVersion:
    """A link or video's new address; the same address is the same version."""
    return _publish(material, by, at, url=url)


def publish_file(
    material: Material,
    *,
    name: str,
    content_type: str,
    content: bytes,
    by: User | None,
    at: datetime,
) -> MaterialVersion:
    if len(content) > LARGEST:
        raise ValueError("The file is too large.")
    return _publish(
        material,
        by,
        at,
        file_name=name,
        content_type=content_type,
        content=content,
        size=len(content),
    )


def _publish(
    material: Material, by: User | None, at: datetime, **holds: object
) -> MaterialVersion:
    with transaction.atomic():
        Material.objects.select_for_update().get(pk=material.pk)
        newest = material.versions.order_by("-number").first()
        if newest and _holds(newest, holds):
            return newest
        return MaterialVersion.objects.create(
            material=material,
            number=newest.number + 1 if newest else 1,
            published_at=at,
            published_by=by,
            **holds,
        )


def _holds(version: MaterialVersion, holds: dict[str, object]) -> bool:
    """Bytes come back from the database as a memoryview."""
    for name, value in holds.items():
        kept = getattr(version, name)
        if (bytes(kept) if isinstance(kept, memoryview) else kept) != value:
            return False
    return True


def current(material: Material) -> MaterialVersion | None:
    return material.versions.order_by("-number").first()


def note_opened(version: MaterialVersion, buyer: Buyer, at: datetime) -> None:
    """A buyer opened it, by a deed of hers; one statement, however often."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"version": version.pk, "buyer": buyer.pk, "at": at})
