"""How big a file may be, and the end of what is bigger."""

from typing import Any

from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

MOST_BYTES = 20 * 1024 * 1024


class CappedUpload(TemporaryFileUploadHandler):
    """Puts no more on disk than it takes to see that files are too big, and nothing
    at all for strangers: files are for staff."""

    received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            raise StopUpload(connection_reset=True)
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.received <= MOST_BYTES:
            super().receive_data_chunk(raw_data, start)
        self.received += len(raw_data)
        return None
