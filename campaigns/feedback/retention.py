"""How long what providers told us is kept."""

from datetime import datetime, timedelta

from .models import Post

#: Posts that were read are empty; these rows only tell how much came when.
KEPT = timedelta(days=90)


def forget(at: datetime) -> int:
    """Delete posts of long ago, also those that nobody could read."""
    old = Post.objects.filter(received_at__lt=at - KEPT).exclude(
        state=Post.State.WAITING
    )
    deleted, _by_model = old.delete()
    return deleted
